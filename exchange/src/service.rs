//! One file a capability: authorise, load, apply the rule, write in one transaction, audit.

//! All SQL: one file a family of tables, every function over a connection or a transaction.

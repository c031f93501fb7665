// An OpenID provider on loopback, for the tests: tokens by client credentials, as JWT for one resource.
// Started with a folder that holds `node_modules`, a port (0 for a free one), the name of its key and its kind; prints its address.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , folder, port, keyName, kind] = process.argv;
const resolve = createRequire(`${folder}/`).resolve;
const { Provider } = await import(pathToFileURL(resolve('oidc-provider')).href);

function key() {
  const made = kind === 'RSA'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : kind === 'OKP' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const alg = { RSA: 'RS256', OKP: 'EdDSA' }[kind] ?? 'ES256';
  return { ...made.privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: keyName };
}

const server = createServer();
await new Promise((done) => server.listen(Number(port), '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;
const signing = key();
const scopes = 'returns:read returns:write returns:sign-off releases:write metadata:write audit:read';

const client = (client_id) => ({
  client_id,
  client_secret: 'a-secret-of-the-tests-alone',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  id_token_signed_response_alg: signing.alg,
});

const provider = new Provider(issuer, {
  jwks: { keys: [signing] },
  clients: [client('southwark-desk'), client('lambeth-desk')],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: async (_, resource) => ({
        scope: scopes,
        audience: resource,
        accessTokenTTL: 600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: signing.alg } },
      }),
    },
  },
  scopes: scopes.split(' '),
  extraTokenClaims: async (_, token) => ({ partnerships: [token.clientId.replace('-desk', '')] }),
});
server.on('request', provider.callback());
console.log(`issuer ${issuer}`);

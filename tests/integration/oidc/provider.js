// oidc-provider as the OAuth server of a workspace, on 127.0.0.1 with TLS, with its own login and consent forms.
// Arguments: a folder with node_modules, the issuer's host, a port, the certificate's PEM file, its key's, and the
// client's secret in a file. The provider is not changed; only the paths at which a workspace is asked are its mount.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, host, port, certificate, key, secret] = process.argv.slice(2);
const installed = createRequire(join(resolve(folder), 'package.json'));
const { default: Provider, errors } = await import(pathToFileURL(installed.resolve('oidc-provider')));

const signing = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const provider = new Provider(`https://${host}:${port}/oidc`, {
  clients: [
    {
      client_id: 'service-principal',
      client_secret: readFileSync(secret, 'utf8'),
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope: 'all-apis clusters sql',
    },
    {
      client_id: 'databricks-cli',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://localhost'],
    },
  ],
  scopes: ['openid', 'offline_access', 'all-apis', 'clusters', 'secrets', 'sql'],
  features: { clientCredentials: { enabled: true } },
  pkce: { required: () => true, methods: ['S256'] },
  // By itself it gives one for offline_access only, and offline_access only to those who also ask for prompt=consent.
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  expiresWithSession: async () => false,
  ttl: { AccessToken: 3600, ClientCredentials: 3600, RefreshToken: 86400, Grant: 86400, Session: 86400, Interaction: 600 },
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: { keys: [{ ...signing, use: 'sig' }] },
});

const events = { refreshed: 0, reused: 0, revoked: 0 };
provider.on('refresh_token.consumed', () => { events.refreshed += 1; });
provider.on('grant.revoked', () => { events.revoked += 1; });
provider.on('grant.error', (ctx, error) => {
  if (error instanceof errors.InvalidGrant && error.error_detail === 'refresh token already used') events.reused += 1;
});

// Whose the token of a call is: what an API of the workspace would look up.
async function caller(request) {
  const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const known = token && (await provider.AccessToken.find(token) ?? await provider.ClientCredentials.find(token));
  return known && { client: known.clientId, account: known.accountId ?? '', scope: known.scope ?? '' };
}

function answer(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

const oidc = provider.callback();
createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, async (request, response) => {
  if (request.url.startsWith('/oidc/')) {
    // RFC 8414 has another name for the document.
    const asked = request.url === '/oidc/.well-known/oauth-authorization-server';
    request.originalUrl = asked ? '/oidc/.well-known/openid-configuration' : request.url;
    request.url = request.originalUrl.slice('/oidc'.length);
    oidc(request, response);
  } else if (request.url === '/api/me') {
    const who = await caller(request);
    answer(response, who ? 200 : 401, who ?? {});
  } else if (request.url === '/test/events') {
    answer(response, 200, events);
  } else {
    answer(response, 404, {});
  }
}).listen(Number(port), '127.0.0.1');

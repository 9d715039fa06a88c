// openid-client as a client of $ISSUER: discovery, private_key_jwt, DPoP, introspection, revocation. One JSON line.
import * as client from 'openid-client';

const { ISSUER, SIGNER, SIGNER_JWK, KEEPER, KEEPER_SECRET } = process.env;
const options = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] };
const jwk = JSON.parse(SIGNER_JWK);
const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);

const found = {};
const asSigner = await client.discovery(
  new URL(ISSUER), SIGNER, undefined, client.PrivateKeyJwt({ key, kid: jwk.kid }), options);
const asKeeper = await client.discovery(
  new URL(ISSUER), KEEPER, undefined, client.ClientSecretBasic(KEEPER_SECRET), options);
const asPoster = await client.discovery(
  new URL(ISSUER), KEEPER, undefined, client.ClientSecretPost(KEEPER_SECRET), options);
found.issuer = asSigner.serverMetadata().issuer;

const ask = async (config, token, dpop) => {
  const body = JSON.stringify({ query: '{ __typename }' });
  const headers = new Headers({ 'content-type': 'application/json' });
  const url = new URL('/graphql', ISSUER);
  try {
    const answer = await client.fetchProtectedResource(config, token, url, 'POST', body, headers, dpop && { DPoP: dpop });
    return answer.status;
  } catch (error) {
    if (!error.cause?.length) throw error;
    return `${error.status} ${error.cause.map((c) => c.scheme).join(' ')}`;
  }
};

const plain = await client.clientCredentialsGrant(asSigner, { scope: 'query:adhoc' });
found.plain = [plain.token_type, plain.expires_in, await ask(asSigner, plain.access_token)];

const pair = await client.randomDPoPKeyPair('ES256');
const dpop = client.getDPoPHandle(asSigner, pair);
const bound = await client.clientCredentialsGrant(asSigner, { scope: 'query:adhoc' }, { DPoP: dpop });
found.bound = [bound.token_type, await ask(asSigner, bound.access_token, dpop)];
found.stolen = await ask(asSigner, bound.access_token);
const other = client.getDPoPHandle(asSigner, await client.randomDPoPKeyPair('ES256'));
found.otherKey = await ask(asSigner, bound.access_token, other);

const kept = await client.clientCredentialsGrant(asKeeper, { resource: `${ISSUER}/graphql` });
const told = await client.tokenIntrospection(asKeeper, kept.access_token);
found.told = [told.active, told.aud, told.client_id === KEEPER];
await client.tokenRevocation(asKeeper, kept.access_token);
found.revoked = [(await client.tokenIntrospection(asKeeper, kept.access_token)).active, await ask(asKeeper, kept.access_token)];
found.posted = (await client.clientCredentialsGrant(asPoster)).token_type;
try {
  await client.clientCredentialsGrant(asKeeper, { scope: 'root' });
} catch (error) {
  found.refused = [error.status, error.error];
}
console.log(JSON.stringify(found));

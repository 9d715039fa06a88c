// Runs every audit of graphql-http against $GRAPHQL_URL as the bearer of $TOKEN; one JSON line each.
import { serverAudits } from 'graphql-http';

const authorized = (url, init = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${process.env.TOKEN}` } });

for (const audit of serverAudits({ url: process.env.GRAPHQL_URL, fetchFn: authorized })) {
  const { id, name, status, reason = '' } = await audit.fn();
  console.log(JSON.stringify({ id, name, status, reason }));
}

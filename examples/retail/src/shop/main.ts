/**
 * The shop as a process: RETAIL_DATABASE_URL, RETAIL_PORT (4010), RETAIL_HOST (127.0.0.1), RETAIL_FAULTS=1 for tests.
 * SIGTERM and SIGINT let running requests end.
 */
import { startShop } from './start.js';

const { RETAIL_DATABASE_URL: databaseUrl, RETAIL_PORT: port = '4010', RETAIL_HOST: host = '127.0.0.1' } = process.env;

if (databaseUrl === undefined || databaseUrl === '') {
  console.error('retail-shop: RETAIL_DATABASE_URL is not set (postgres://user:password@host:port/database)');
  process.exit(1);
}
if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
  console.error('retail-shop: RETAIL_PORT must be a port number');
  process.exit(1);
}

const shop = await startShop({
  databaseUrl,
  port: Number(port),
  host,
  faults: process.env['RETAIL_FAULTS'] === '1',
  onError: (error) => console.error('retail-shop:', error),
});
console.log(`retail-shop: ready at ${shop.url}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void shop.close());
}

/** The client libraries that must pass the suites of this folder. */
import type { KafkaDriver } from '../driver.js';
import { driverNames } from '../driver-names.js';
import { loadDriver } from '../driver.js';

export const drivers: readonly KafkaDriver[] = await Promise.all(driverNames.map(loadDriver));

/** Names of the client libraries, apart from them: settings are read, and documented, without loading any. */
export const driverNames = ['kafkajs', 'platformatic'] as const;
export type DriverName = (typeof driverNames)[number];

/** Quotas of the whole fleet as one process sees them: leases in memory, figures. */
export * from './known-budgets.js';
export * from './quota-leases.js';
export * from './quota-metrics.js';

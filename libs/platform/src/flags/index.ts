/** Flags by OpenFeature: the catalogue as a provider, and whoever asks one. */
export type { Provider as FlagProvider } from '@openfeature/server-sdk';
export * from './catalogue-provider.js';
export * from './flags.js';

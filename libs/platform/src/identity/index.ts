export * from './caller-guard.js';
export * from './identity.js';
export * from './identity-settings.js';
export * from './local-issuer.js';
export * from './refused-callers.js';
export * from './token-verifier.js';

export * from './catalogue-files.js';
export { raiseTheVersion } from './check-catalogue.js';
export * from './json-schemas.js';
export * from './load-catalogue.js';
export { apiVersion, manifestKinds, problemsOf } from './manifest-schemas.js';
export * from './read-manifests.js';

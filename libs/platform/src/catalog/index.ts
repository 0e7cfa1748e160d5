export * from './catalogue-files.js';
export * from './load-catalogue.js';
export { manifestKinds } from './manifest-schemas.js';
export * from './read-manifests.js';

export { assertBounded, openApiDocument } from './document.js';
export type { OpenApiDocument } from './document.js';
export * from './import-openapi.js';
export type { ImportedUpstream } from './upstreams.js';

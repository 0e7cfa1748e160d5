/** What a process that runs the router, or checks a catalogue as it does, needs of it. */
export { routerRole } from './router.role.js';
export * from './catalogue/load-catalogue.js';
export * from './catalogue/read-manifests.js';

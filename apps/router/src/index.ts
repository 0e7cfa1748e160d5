/** What a process that runs the router needs of it. */
export { routerRole } from './router.role.js';

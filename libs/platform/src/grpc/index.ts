export * from './grpc-health.js';
export * from './package-definition.js';
export * from './grpc-client.js';
export * from './grpc-tls.js';
export * from './foreign-grpc.js';
export * from './reflect-descriptors.js';

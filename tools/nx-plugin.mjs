// Infers each package's build, lint and test target from its tsconfig.json, so no project.json has to be kept by hand.
import { dirname } from 'node:path';

const shared = ['{workspaceRoot}/tsconfig.base.json', '{workspaceRoot}/package-lock.json'];
const sources = ['{projectRoot}/src/**/*', '{projectRoot}/gen/**/*', '{projectRoot}/*.json', '^production', ...shared];

function targetsOf(root) {
  return {
    build: {
      command: `tsc -b ${root}`,
      cache: true,
      dependsOn: ['^build'],
      inputs: sources,
      outputs: ['{projectRoot}/dist'],
    },
    lint: {
      command: `oxlint ${root}/src`,
      cache: true,
      inputs: ['{projectRoot}/src/**/*', '{workspaceRoot}/.oxlintrc.json'],
    },
    test: {
      command: `node --enable-source-maps --test "${root}/dist/**/*.spec.js"`,
      cache: true,
      dependsOn: ['build'],
      inputs: sources,
    },
  };
}

export const name = 'toolfleet';
export const createNodesV2 = [
  '{apps,libs,examples}/*/tsconfig.json',
  (files) => files.map((file) => [file, { projects: { [dirname(file)]: { targets: targetsOf(dirname(file)) } } }]),
];

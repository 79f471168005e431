import { defineConfig } from 'vitest/config';

// Tests choose their engines themselves: what the shell that started them names is none of theirs, and may be dead.
export const testEnvironment = {
  DOCKER_HOST: '',
  DOCKER_CONTEXT: 'default',
  DOCKER_TLS_VERIFY: '',
  DOCKER_CERT_PATH: '',
};

const lane = (name: string, timeoutMillis: number, extra: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMillis,
    hookTimeout: timeoutMillis,
    env: testEnvironment,
    globalSetup: 'test/temporary-folder.ts',
    ...extra,
  },
});

// One worker for the lanes that share an engine: trials must not disturb one another.
const alone = { fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
    projects: [
      lane('unit', 30_000),
      lane('engine', 600_000, alone),
      lane('kernel', 900_000, alone),
      lane('browser', 120_000, alone),
    ],
  },
});

import { fileURLToPath } from 'node:url';

/** The folder that holds `bench/` and the files beside the sources: the repository, or `dist/` of an installed Tare. */
export const packageRoot = (): string => fileURLToPath(new URL('../../', import.meta.url));

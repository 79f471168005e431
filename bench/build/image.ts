import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../state/package-root.ts';

/**
 * `npm run image [-- OPTION…]` builds the container image of Tare itself as `tare`, with Docker's own client. Options go
 * to `docker build`: `--build-arg BASE=…` where debian:trixie-slim can't be pulled, `--tag NAME`, `--network host`.
 */
const root = packageRoot();
const context = mkdtempSync(join(tmpdir(), 'tare-image-'));
try {
  await execa('npm', ['pack', '--silent', '--pack-destination', context], { cwd: root, stdio: 'inherit' });
  const [archive = ''] = readdirSync(context);
  // Not in the build, which may reach no registry, and would need npm. What is optional is compiled.
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional', '--prefer-offline'];
  const prefix = ['--global', '--prefix', join(context, 'tare')];
  await execa('npm', ['install', ...prefix, ...quietly, join(context, archive)], { stdio: 'inherit' });
  rmSync(join(context, archive));
  cpSync(join(root, 'bench', 'build', 'Dockerfile'), join(context, 'Dockerfile'));
  const { exitCode } = await execa('docker', ['build', '--tag', 'tare', ...process.argv.slice(2), context], {
    // Every engine has the classic builder.
    env: { DOCKER_BUILDKIT: process.env.DOCKER_BUILDKIT ?? '0' },
    stdio: 'inherit',
    reject: false,
  });
  process.exitCode = exitCode === 0 ? 0 : 4;
} finally {
  rmSync(context, { recursive: true, force: true });
}

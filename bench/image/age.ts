import type { ToolboxImage } from './image.ts';

/** Debian's point releases come every two months, its security updates as they must. */
const mostDays = 30;

/**
 * What to tell of an image that has grown old; undefined while it has not. Whether there are security updates for what
 * is in it could only be asked of a package mirror, which a measurement should not need.
 */
export function ageRemark(
  { name, builtAt }: Pick<ToolboxImage, 'name' | 'builtAt'>,
  now: Date,
): string | undefined {
  const days = Math.floor((now.getTime() - Date.parse(builtAt)) / 86_400_000);
  if (!(days > mostDays)) return undefined;
  return `${name} was built ${days} days ago, so what its packages were mended in since is not in it: \`tare check --rebuild-images\` makes it anew (tools may change their versions with it).`;
}

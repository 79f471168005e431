/**
 * Whether Tare itself runs in a container of its image, which says so (bench/build/Dockerfile): what it would start
 * there is in that container, not on the machine.
 */
export const runsInOwnContainer = (): boolean => process.env.TARE_IN_CONTAINER === '1';

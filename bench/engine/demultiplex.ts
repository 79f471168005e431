/** Bytes of a frame's header: which output, three that are zero, and the length of what follows, big-endian. */
const headerBytes = 8;

/**
 * Takes apart the engine's stream of both outputs of a program (attach and exec without a terminal). Each byte is
 * looked at once, and nothing is held back until a frame is whole, however long the engine says that it is.
 * @param give is handed what came, piece by piece
 * @param broken is called once, where a header is none; nothing is given after it
 * @returns what to feed the stream's chunks to
 */
export function demultiplexer(
  give: (output: 'stdout' | 'stderr', bytes: Buffer) => void,
  broken: () => void,
): (chunk: Buffer) => void {
  const header = Buffer.alloc(headerBytes);
  let [headerFilled, left] = [0, 0];
  let isBroken = false;
  return (chunk) => {
    for (let at = 0; at < chunk.length && !isBroken; ) {
      if (left > 0) {
        const bytes = chunk.subarray(at, at + left);
        give(header[0] === 2 ? 'stderr' : 'stdout', bytes);
        at += bytes.length;
        left -= bytes.length;
        continue;
      }
      const taken = chunk.copy(header, headerFilled, at, at + headerBytes - headerFilled);
      at += taken;
      headerFilled += taken;
      if (headerFilled < headerBytes) return;
      headerFilled = 0;
      left = header.readUInt32BE(4);
      if ((header[0] as number) > 2 || header[1] !== 0) {
        isBroken = true;
        broken();
      }
    }
  };
}

/**
 * Characters that do something to a terminal, a log or a page rather than be read: control and format characters
 * (bidirectional, zero-width, tags), halves of surrogate pairs, odd line ends, and what no text may hold.
 */
export const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

// Names within sentences, of which some are written from right to left.

/** A name within a sentence, so that one written from right to left does not turn what stands around it. */
export const isolate = (name) => `\u2068${name}\u2069`;

// The blocks that Unicode keeps for what is written from right to left. words.py has the same.
const RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}";
const RUN = new RegExp(`\u2068[^\u2069]*\u2069|[${RIGHT}](?:[${RIGHT}\\w '’.-]*[${RIGHT}])?`, "gu");

/** A sentence in which each name that is written from right to left is set apart, as `words.set_apart` does it. */
export const setApart = (text) => text.replaceAll(RUN, (run) => (run.startsWith("\u2068") ? run : isolate(run)));

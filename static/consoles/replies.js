// A guest asks terminals what they are, where the cursor is and which colours they have, and takes the answer for
// typing. Of several who share a line one alone answers, and nobody answers what was asked before they came.

const CODES = [
  { final: "c" }, { prefix: ">", final: "c" }, { prefix: "=", final: "c" },
  { final: "n" }, { prefix: "?", final: "n" }, { prefix: ">", final: "q" }, { final: "t" },
  { intermediates: "$", final: "p" }, { prefix: "?", intermediates: "$", final: "p" },
];
const COLOURS = [4, 10, 11, 12];

/** `answers()` says whether this terminal answers now. */
export function quieten(terminal, answers) {
  for (const code of CODES) terminal.parser.registerCsiHandler(code, () => !answers());
  for (const colour of COLOURS) terminal.parser.registerOscHandler(colour, (data) => data.includes("?") && !answers());
  terminal.parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => !answers());
}

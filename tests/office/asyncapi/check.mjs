// Reads the AsyncAPI document named on the command line; prints each finding as one JSON line; exit 1 on an error.
import { readFile } from "node:fs/promises";
import { Parser, DiagnosticSeverity } from "@asyncapi/parser";

const text = await readFile(process.argv[2], "utf8");
const { diagnostics, document } = await new Parser().parse(text);
for (const { severity, message, path, code } of diagnostics) {
  console.log(JSON.stringify({ severity: DiagnosticSeverity[severity], code, path: path.join("."), message }));
}
process.exitCode = document && diagnostics.every((d) => d.severity !== DiagnosticSeverity.Error) ? 0 : 1;

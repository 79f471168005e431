import { expect, it } from 'vitest';
import { z } from 'zod';
import { trialRemedies } from '../../results/reason-text.ts';
import { trialReasonSchema, unsupportedReasonSchema } from '../../results/reasons.ts';
import { hopSchema } from '../../results/schema.ts';
import { warningRemedies } from '../../results/warning-text.ts';
import {
  foundWarningSchema,
  runWarningSchema,
  trialWarningSchema,
  type WarningCode,
} from '../../results/warnings.ts';

interface Coded {
  readonly tag: string;
  readonly schema: z.ZodType;
}

/** `seconds`, `share`, `side?`: the data beside the code, with what is told of each. */
function dataOf({ tag, schema }: Coded): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties)
    .filter(([name]) => name !== tag)
    .map(([name, value]) => {
      const told = typeof value === 'object' ? value.description : undefined;
      return `\`${name}${required.includes(name) ? '' : '?'}\`${told ? ` (${told})` : ''}`;
    })
    .join(', ');
}

function row(code: string, coded: Coded, remedy?: string): string {
  const cells = [`\`${code}\``, coded.schema.description ?? '', dataOf(coded) || '–'];
  return `| ${[...cells, ...(remedy === undefined ? [] : [remedy])].join(' | ')} |`;
}

const kinds = hopSchema.options.map((schema) =>
  row(schema.shape.kind.value, { tag: 'kind', schema: schema as z.ZodType }),
);
const trialReasons = trialReasonSchema.options.map((schema) => {
  const code = schema.shape.code.value;
  return row(code, { tag: 'code', schema: schema as z.ZodType }, trialRemedies[code]);
});

const unsupportedReasons = unsupportedReasonSchema.options.map((schema) =>
  row(schema.shape.code.value, { tag: 'code', schema: schema as z.ZodType }),
);

const warningRows = (options: readonly { readonly shape: { code: { value: WarningCode } } }[]) =>
  options
    .map((schema) => {
      const code = schema.shape.code.value;
      const remedy = code === 'lost-trials' ? 'What helps against the reason.' : warningRemedies[code] || '–';
      return row(code, { tag: 'code', schema: schema as unknown as z.ZodType }, remedy);
    })
    .join('\n');

// The published table is what this test compares with; `npx vitest run -u --project unit` writes it anew.
it('docs/codes.md tells every code of the record', async () => {
  for (const schema of [
    ...hopSchema.options,
    ...trialReasonSchema.options,
    ...unsupportedReasonSchema.options,
    ...trialWarningSchema.options,
    ...runWarningSchema.options,
    ...foundWarningSchema.options,
  ]) {
    expect(schema.description, 'each code has a sentence').toMatch(/\w.*\.$/);
  }
  const page = `# Codes of the record

What Tare's record, \`run.json\` and \`trials.ndjson\`, tells as data, and what reports put into words. Made from the schemas in \`results/\`, as the record's own are ([run](run.schema.json), [trial](trial.schema.json)). A \`?\` marks data that may be absent.

## What packets pass

\`kind\` of the hops in \`pairs[].path\` of \`run.json\`, from client to server.

| kind | meaning | data |
| --- | --- | --- |
${kinds.join('\n')}

## Why a trial does not count

\`reason.code\` of a trial that is \`invalid\` or \`failed\`.

| code | meaning | data | what helps |
| --- | --- | --- | --- |
${trialReasons.join('\n')}

## Why a scenario can’t be measured

\`reason.code\` of a scenario in \`plan.scenarios\` that is \`unsupported\`, and \`code\` in \`tare check --json\`, which tells the sentence and the remedy beside it.

| code | meaning | data |
| --- | --- | --- |
${unsupportedReasons.join('\n')}

## What is to be known of a trial

\`code\` of a trial's \`warnings\`; the trial is what they are about.

| code | meaning | data | what helps |
| --- | --- | --- | --- |
${warningRows(trialWarningSchema.options)}

## What was noted of a run

\`code\` of the \`warnings\` in \`run.json\`, which were there before its figures.

| code | meaning | data | what helps |
| --- | --- | --- | --- |
${warningRows(runWarningSchema.options)}

## What is found as a run is read

In no record: a summary finds it each time, beside what was noted.

| code | meaning | data | what helps |
| --- | --- | --- | --- |
${warningRows(foundWarningSchema.options)}
`;
  await expect(page).toMatchFileSnapshot('../../docs/codes.md');
});

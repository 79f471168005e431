import { expect, it } from 'vitest';
import { z } from 'zod';
import { runSchema, trialSchema } from '../../results/schema.ts';

// The published files are what this test compares with; `npx vitest run -u --project unit` writes them anew.
it.each([
  ['run.schema.json', runSchema],
  ['trial.schema.json', trialSchema],
] as const)('docs/%s is the schema of the record as it is checked', async (file, schema) => {
  const published = `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
  await expect(published).toMatchFileSnapshot(`../../docs/${file}`);
});

import { type Kysely, WithSchemaPlugin } from 'kysely';

/**
 * The application's database in the schema that it was given by `withSchema`, and without its other plugins, which
 * would rename our columns or parse our texts.
 */
// oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
export function ownTables<Tables>(db: Kysely<any>): Kysely<Tables> {
  const schemas = db.getExecutor().plugins.filter((plugin) => plugin instanceof WithSchemaPlugin);
  const plain: Kysely<Tables> = db.withoutPlugins();
  return schemas.reduce((tables, schema) => tables.withPlugin(schema), plain);
}

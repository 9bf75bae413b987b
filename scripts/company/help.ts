/** What `npm run company` says of itself. */
import { LOCALES } from '../../src/db/enums.ts'

const PLACE = `--remote        in the deployment, after \`npx wrangler login\` (docs/operating.md); otherwise in the local state
                  of the folder STATE_DIR (default .wrangler/state), which no other process should use meanwhile
  --help          this text`

export const HELP = {
  create: `Makes a company with its first ADMIN. Safe to run again: an existing one is left as it is.

  npm run company -- create --name "Acme" --admin-email x@y.z --admin-name "X Y" [options]

  --name          the company's name, 1-200 characters
  --admin-email   address of its first ADMIN, unique over the whole installation
  --admin-name    name of its first ADMIN, 1-200 characters, at most 256 bytes
  --time-zone     IANA name, such as Europe/Madrid (default UTC)
  --language      of mails and workbooks, ${LOCALES.join(' or ')} (default en)
  --database      where its data is to be, such as DB_2 (default: where most room is)
  ${PLACE}`,

  import: `Brings plans and actions along, in batches; after a crash the same command goes on where it stopped.

  npm run company -- import --file plans.ndjson [options]

  --file          NDJSON with a plan a line, or a workbook (.xlsx) with a sheet of actions
  --company       id of the company; needed if there are several
  --dry-run       only check the file
  ${PLACE}`,

  move: `Moves a company to another database. Its people can read meanwhile; writes wait. After a crash the same command goes
on where it stopped.

  npm run company -- move --company ID --to DB_2 [options]
  npm run company -- move --company ID --undo [options]

  --company       the company's id
  --to            the database it goes to, as wrangler.toml binds it
  --dry-run       only say how much there is
  --undo          give up a move that was cut off: the company stays where it is
  ${PLACE}`,

  delete: `Deletes a company with everything that is kept for it: its people, plans and exports, their sessions and files.
It cannot be undone. Safe to run again: a deletion that was cut off goes on where it ended.

  npm run company -- delete --company ID [options]

  --company       the company's id
  --confirm       its name, instead of typing it when asked
  ${PLACE}`,
}

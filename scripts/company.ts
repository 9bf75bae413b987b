/** `npm run company -- create …`, `… import …`, `… move …` and `… delete …`: an operator's companies, local or deployed. */
import { createCompany } from './company/creation.ts'
import { deleteCompany } from './company/deletion.ts'
import { importFile } from './company/import-file.ts'
import { moveCompany, undoMove } from './company/move/moving.ts'
import { parseCommandLine } from './company/options.ts'
import { withStores } from './company/stores.ts'

const wish = parseCommandLine(process.argv.slice(2))
if (wish.command === null) {
  const { help, complaints } = wish
  if (complaints.length > 0) {
    console.error(
      `Nothing was done:\n${complaints.map((complaint) => `  ${complaint}`).join('\n')}\n\n${help}`,
    )
    process.exitCode = 2
  } else {
    console.log(help)
  }
} else {
  try {
    const said = await withStores(wish.remote, async (stores) => {
      if (wish.command === 'create') return createCompany(wish, stores)
      if (wish.command === 'import') return importFile(wish, stores)
      if (wish.command === 'move') return moveCompany(wish, stores)
      return wish.command === 'undo' ? undoMove(wish, stores) : deleteCompany(wish, stores)
    })
    console.log(said)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

/** Puts the demo data into the state folder; a process of its own, since the template of workbooks is no module for tests. */
import { seedDemoData } from '../../scripts/demo-data.ts'
import { withLocalBindings } from '../../scripts/local/bindings.ts'
import { readStateDir } from '../../scripts/local/options.ts'
import { quietWrangler } from '../../scripts/local/wrangler.ts'

const stateDir = readStateDir(process.env)
quietWrangler(stateDir)
await withLocalBindings(stateDir, (bindings) => seedDemoData(bindings, Date.now()))

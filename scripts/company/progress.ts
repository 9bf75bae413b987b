/** How much of something there is, and a bar that shows how much of it is done. */
const WIDTH = 30

/** @param what in the singular */
export function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}

/** Writes to a terminal over the same line, elsewhere a line for each tenth. */
export function progressBar(what: string, all: number): (done: number) => void {
  let tenth = -1
  return (done) => {
    const part = all === 0 ? 1 : done / all
    const filled = Math.floor(part * WIDTH)
    const amount = `${done.toLocaleString('en')} of ${all.toLocaleString('en')} ${what}`
    const line = `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${amount}`
    if (process.stderr.isTTY) process.stderr.write(`\r${line}${done >= all ? '\n' : ''}`)
    else if (Math.floor(part * 10) > tenth) {
      tenth = Math.floor(part * 10)
      process.stderr.write(`${line}\n`)
    }
  }
}

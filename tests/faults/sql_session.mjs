// A session with the database that stays open, so that several of them can
// hold transactions side by side: the mariadb client, spoken to line by line.
//
//   const session = new SqlSession(socket)
//   const rows = await session.run("SELECT 1, 'x'")    // [["1", "x"]]
//   await session.close()
//
// Values come as strings, NULL as "NULL"; a refusal rejects with the server's
// words, and the session goes on.
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"

// It only met with others, and may go better next time.
const isPassing = (error) => /^ERROR (1205|1213) /.test(error.message)

const END = "-- that was all --"

export class SqlSession {
  #client
  #waiting = []
  #rows = []
  #refusal = null
  #ended

  constructor(socket, first = "DO 0") {
    // One pipe for both, so that a refusal comes before the end it belongs to.
    this.#client = spawn(
      "sh",
      ["-c", 'exec mariadb "$@" 2>&1', "mariadb", "--no-defaults", `--socket=${socket}`, "--batch",
        "--skip-column-names", "--unbuffered", "--quick", "--force", "--default-character-set=utf8mb4",
        "--database=tidings"],
      { stdio: ["pipe", "pipe", "inherit"] },
    )
    this.#ended = new Promise((done) => this.#client.once("close", done))
    this.#client.stdin.on("error", () => {})
    createInterface({ input: this.#client.stdout }).on("line", (line) => this.#take(line))
    this.#ended.then(() => {
      for (const { fail } of this.#waiting.splice(0)) fail(this.#refusal ?? new Error("the session has ended"))
    })
    this.#client.stdin.write(`${first};\n`)
  }

  #take(line) {
    if (line !== END) {
      if (/^ERROR \d+ /.test(line)) this.#refusal = new Error(line)
      else this.#rows.push(line.split("\t"))
      return
    }
    const { done, fail } = this.#waiting.shift()
    if (this.#refusal) fail(this.#refusal)
    else done(this.#rows)
    this.#refusal = null
    this.#rows = []
  }

  // A statement that is a whole transaction, until it does not deadlock.
  async runAgain(statement) {
    for (;;) {
      try {
        return await this.run(statement)
      } catch (error) {
        if (!isPassing(error)) throw error
      }
    }
  }

  // One statement, on one line.
  run(statement) {
    return new Promise((done, fail) => {
      this.#waiting.push({ done, fail })
      this.#client.stdin.write(`${statement};\nSELECT '${END}';\n`)
    })
  }

  async close() {
    this.#client.stdin.end()
    await this.#ended
  }
}

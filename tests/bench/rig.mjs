// What is measured, side by side: a private site, the bare server, and the
// database with nothing in front of it. Every method gives one sample, as the
// programs in build/bench tell it, with what else used the machine meanwhile.

import { execFile, spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { cpus, userInfo } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { build, checkout, freePort, startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { fill, writeSeats } from "./people.mjs"

const run = promisify(execFile)
const program = (name) => join(build, "bench", name)

// Processes that end take their count of processor time along.
const settings = {
  rate_messages: 0,
  connections_user: 0,
  connections_address: 0,
  api_requests_max: 100_000_000,
}

const LIMIT_DATABASE = "tidings_limit"

export class Rig {
  #bare
  #barePort

  async start() {
    this.site = await startSite({ direct: true, settings })
    this.seats = writeSeats(this.site.dir)
    await fill(this.site, "tidings")
    await this.#makeLimitDatabase()
    await this.#startBare()
    return this
  }

  // The same tables in a database of their own, where no notifier looks.
  async #makeLimitDatabase() {
    const config = join(this.site.dir, "limit.conf")
    writeFileSync(
      config,
      `migrations_dir = ${checkout}/db/migrations\ndb_name = ${LIMIT_DATABASE}\n` +
        `db_user = ${userInfo().username}\ndb_socket = ${this.site.env.TIDINGS_DB_SOCKET}\n`,
    )
    await this.site.sql(`CREATE DATABASE ${LIMIT_DATABASE} CHARACTER SET utf8mb4`)
    await run(join(build, "tidings"), ["migrate"], { env: { ...process.env, TIDINGS_CONFIG: config } })
    await fill(this.site, LIMIT_DATABASE)
  }

  async #startBare() {
    this.#barePort = await freePort()
    this.#bare = spawn(program("bare"), [`127.0.0.1:${this.#barePort}`], { cwd: this.site.dir, stdio: "inherit" })
    await until(() => fetch(`http://127.0.0.1:${this.#barePort}/1`, { method: "POST", body: "x" }), "the bare server")
  }

  async #stopBare() {
    if (!this.#bare) return
    const ended = new Promise((done) => this.#bare.once("exit", done))
    this.#bare.kill()
    await ended
  }

  async restartBare() {
    await this.#stopBare()
    await this.#startBare()
  }

  async stop() {
    await this.#stopBare()
    await this.site?.stop()
  }

  get #trees() {
    const { TIDINGS_NOTIFIER_PID, TIDINGS_API_PID, TIDINGS_WEB_PID, TIDINGS_DB_PID } = this.site.env
    const pids = {
      notifier: TIDINGS_NOTIFIER_PID,
      api: TIDINGS_API_PID,
      web: TIDINGS_WEB_PID,
      db: TIDINGS_DB_PID,
      bare: this.#bare.pid,
    }
    return Object.entries(pids)
      .filter(([, pid]) => pid)
      .map(([name, pid]) => `${name}=${pid}`)
  }

  async #sample(name, args) {
    const { stdout } = await run(program(name), args)
    const sample = JSON.parse(stdout)
    const used = Object.values(sample.trees).reduce((sum, tree) => sum + tree.cpu_s, sample.own_s)
    sample.foreign = Math.max(0, sample.busy_s - used) / (cpus().length * sample.wall_s)
    return sample
  }

  async #load(options) {
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    const sample = await this.#sample("load", [...args, ...this.#trees])
    const wrong = ["lost", "failed", "repeated", "strayed"].filter((name) => sample[name] > 0)
    if (sample.arrived < sample.expected) wrong.push("missing")
    if (wrong.length > 0) throw new Error(`${wrong.join(", ")}: ${JSON.stringify(sample)}`)
    return sample
  }

  // stream is "ws", "sse" or "none"; what else there is, load lists.
  ours(stream, options) {
    return this.#load({
      stream,
      at: new URL(this.site.pushUrl).host,
      path: stream === "ws" ? "/ws" : "/events",
      ready: '"type":"hello"',
      only: '"type":"chat_message"',
      "post-at": new URL(this.site.url).host,
      "post-path": "/api/v1/conversations/*/messages",
      body: '{"message":"*"}',
      ...options,
    })
  }

  bare(stream, options) {
    const at = `127.0.0.1:${this.#barePort}`
    return this.#load({ stream, at, path: "/*", "post-at": at, ...options })
  }

  // how is "rows" or "call" (tests/bench/transaction_main.c).
  transaction(how, connections, seconds) {
    const { TIDINGS_DB_SOCKET, TIDINGS_DB_PID } = this.site.env
    return this.#sample("transaction", [
      TIDINGS_DB_SOCKET, LIMIT_DATABASE, how, connections, seconds, this.seats.pairPosters, TIDINGS_DB_PID,
    ].map(String))
  }

  // Statements prepared, pages in memory, processes at work.
  async warmUp() {
    const readers = { readers: this.seats.group, count: 50 }
    const posters = { posters: this.seats.pairPosters, publishers: 32, posts: 2000 }
    await this.ours("none", posters)
    await this.transaction("call", 8, 0.5)
    await this.transaction("rows", 8, 0.5)
    for (const stream of ["ws", "sse"]) {
      await this.ours(stream, { ...readers, ...posters, posters: this.seats.groupPosters, posts: 100, publishers: 4 })
      await this.bare(stream, { ...readers, posters: this.seats.groupPosters, posts: 100 })
    }
  }

  async databaseVersion() {
    return (await this.site.sql("SELECT VERSION()"))[0][0]
  }

  // What the programs said last.
  logs() {
    const last = (name) => this.site.log(name).split("\n").slice(-15).join("\n")
    return this.site ? ["api", "notifier", "web"].map((name) => `== ${name}\n${last(name)}`).join("\n") : ""
  }

  async restartNotifier() {
    await this.site.notifier.stop()
    await this.startNotifier()
  }

  stopNotifier() {
    return this.site.notifier.stop()
  }

  // Until it has caught up with what was written meanwhile.
  async startNotifier() {
    await this.site.notifier.start()
    await until(() => fetch(`${this.site.pushUrl}/events`).then(() => true), "the notifier")
    await until(
      async () => (await this.site.sql("SELECT COUNT(*) FROM events WHERE pos IS NULL"))[0][0] === "0",
      "the notifier's catching up",
      60_000,
    )
  }
}

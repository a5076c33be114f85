// A whole site for a test: database, api, notifiers and web server, on free
// ports in a temporary folder, started by the scripts that `make start` uses.
//
//   const site = await startSite({ settings: { rate_messages: 5 } })
//   await fetch(`${site.url}/api/v1/health`)
//   await site.stop()    // fails if anything of it is left
//
// options:
//   web        "nginx" or "apache"
//   api        "fcgi" or "cgi" (behind apache)
//   settings   {name: value} over tidings.conf's defaults and `cheap` below
//   notifiers  how many; the web server knows the first
//   direct     true: notifiers listen on TCP too (site.notifiers[n].url)

import { execFile, spawn, spawnSync } from "node:child_process"
import {
  appendFileSync, chmodSync, existsSync, mkdtempSync, openSync, closeSync, readdirSync,
  readFileSync, rmSync, writeFileSync,
} from "node:fs"
import http from "node:http"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { isAlive, processesOf } from "./processes.mjs"
import { until } from "./wait.mjs"

const run = promisify(execFile)
export const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "../..")
export const build = resolve(checkout, process.env.BUILD || "build")

// Tests log in often and fast; those of rates and of hashing say otherwise.
const cheap = {
  argon2_memory_kib: 8192,
  argon2_passes: 1,
  rate_messages: 0,
  rate_login_address: 0,
  rate_register_address: 0,
}

export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once("error", fail)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

// The environment of a script in etc/run, with nothing of the caller's site.
export function scriptEnv(variables) {
  const env = { ...process.env, BUILD: build, ...variables }
  for (const name of ["VAR", "PORT", "CONFIG", "WEB", "API", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"])
    if (!(name in variables)) delete env[name]
  return env
}

// VAR/env as an object.
export function readEnv(path) {
  const values = {}
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const match = /^(\w+)='?([^']*)'?$/.exec(line)
    if (match) values[match[1]] = match[2]
  }
  return values
}

const live = new Set()
process.on("exit", () => {
  for (const site of live) site.abandon()
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1))

// One of the processes, driven by its script.
class Part {
  #site
  #name

  constructor(site, name) {
    this.#site = site
    this.#name = name
  }

  get pid() {
    const part = this.#name === "database" ? "DB" : this.#name.toUpperCase()
    return Number(this.#site.env[`TIDINGS_${part}_PID`])
  }

  start() {
    return this.#site.script(this.#name, "start")
  }

  stop() {
    return this.#site.script(this.#name, "stop")
  }

  async restart() {
    await this.stop()
    await this.start()
  }

  async kill9() {
    const pid = this.pid
    process.kill(pid, "SIGKILL")
    await until(() => !isAlive(pid), `the end of ${this.#name}`)
  }
}

const inboxOf = (site, number) => join(site.dir, "var/run", number === 1 ? "inbox.sock" : `inbox${number}.sock`)

// A further notifier, with settings of its own over the site's.
class FurtherNotifier {
  #site
  #config
  #inbox
  #process = null

  constructor(site, number, port) {
    this.#site = site
    this.#config = join(site.dir, `notifier${number}.conf`)
    this.#inbox = inboxOf(site, number)
    this.log = join(site.dir, `var/log/notifier${number}.log`)
    this.url = `http://127.0.0.1:${port}`
    writeFileSync(
      this.#config,
      readFileSync(join(site.dir, "var/tidings.conf"), "utf8") +
        `inbox = ${this.#inbox}\npush_listen = 127.0.0.1:${port}\n` +
        `metrics_listen = unix:${site.dir}/var/run/metrics${number}.sock\n`,
    )
  }

  get pid() {
    return this.#process?.pid
  }

  async start() {
    const log = openSync(this.log, "a")
    this.#process = spawn(join(build, "notifier"), [], {
      cwd: this.#site.dir,
      env: { ...process.env, TIDINGS_CONFIG: this.#config },
      stdio: ["ignore", log, log],
    })
    closeSync(log)
    await until(
      () => fetch(`${this.url}/events`).then((answer) => answer.body?.cancel() ?? true).then(() => true),
      `${this.url}; see ${this.log}`,
    )
  }

  async #end(signal) {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((done) => child.once("exit", done))
    child.kill(signal)
    await ended
  }

  stop() {
    return this.#end("SIGTERM")
  }

  kill9() {
    return this.#end("SIGKILL")
  }

  async restart() {
    await this.stop()
    await this.start()
  }
}

export class Site {
  constructor(options) {
    this.options = { web: "nginx", api: "fcgi", settings: {}, notifiers: 1, direct: false, ...options }
    this.dir = mkdtempSync(join(tmpdir(), "site-"))
    chmodSync(this.dir, 0o711)
    this.database = this.db = new Part(this, "database")
    this.api = new Part(this, "api")
    this.web = new Part(this, "web")
    this.notifier = new Part(this, "notifier")
    this.notifiers = [this.notifier]
  }

  get env() {
    return readEnv(join(this.dir, "var/env"))
  }

  async start() {
    live.add(this)
    const { notifiers, direct, settings } = this.options
    const inboxes = Array.from({ length: notifiers }, (_, index) => inboxOf(this, index + 1))
    this.settings = { ...cheap, ...(notifiers > 1 && { doorbell: inboxes.join(" ") }), ...settings }
    if (direct) this.settings.push_listen ??= `127.0.0.1:${await freePort()}`
    await this.#startOnFreePort()
    const { TIDINGS_URL, TIDINGS_ADMIN_KEY, TIDINGS_RUN_DIR } = this.env
    this.url = TIDINGS_URL
    this.adminKey = TIDINGS_ADMIN_KEY
    this.runDir = TIDINGS_RUN_DIR
    const push = this.settings.push_listen
    if (push && !push.startsWith("unix:")) this.pushUrl = this.notifier.url = `http://${push}`
    for (let number = 2; number <= notifiers; number++) {
      const further = new FurtherNotifier(this, number, await freePort())
      this.notifiers.push(further)
      await further.start()
    }
    return this
  }

  // Somebody else may take a port between our looking and our listening.
  async #startOnFreePort() {
    for (let tries = 5; ; tries--) {
      this.port = await freePort()
      try {
        return await this.script("start", "quietly")
      } catch (error) {
        if (tries === 1 || !/is in use/.test(error.message)) throw error
      }
    }
  }

  async script(name, ...args) {
    const env = scriptEnv({
      VAR: join(this.dir, "var"),
      PORT: String(this.port),
      WEB: this.options.web,
      API: this.options.api,
      CONFIG: Object.entries(this.settings)
        .map(([setting, value]) => `${setting}=${value}\n`)
        .join("") + "\n",
    })
    try {
      return await run(join(checkout, "etc/run", name), args, { env })
    } catch (error) {
      throw new Error(`etc/run/${name} ${args.join(" ")}: ${error.stderr || error.message}`)
    }
  }

  // Rows as arrays of strings, by the mariadb client as an administrator.
  async sql(text) {
    const { stdout } = await run(
      "mariadb",
      ["--no-defaults", `--socket=${this.env.TIDINGS_DB_SOCKET}`, "--batch", "--skip-column-names",
        "--default-character-set=utf8mb4", "--database=tidings", "--execute", text],
      { maxBuffer: 64 << 20 },
    )
    const plain = { t: "\t", n: "\n", 0: "\0", "\\": "\\" }
    return stdout
      .split("\n")
      .slice(0, -1)
      .map((row) => row.split("\t").map((field) => field.replace(/\\(.)/g, (_, c) => plain[c] ?? c)))
  }

  // What the administrator's command prints.
  async tidings(...args) {
    const { stdout } = await run(join(build, "tidings"), args, {
      env: { ...process.env, TIDINGS_CONFIG: join(this.dir, "var/tidings.conf") },
    })
    return stdout.trimEnd()
  }

  // Settings for what is started or restarted from now on.
  configure(settings) {
    Object.assign(this.settings, settings)
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
    appendFileSync(join(this.dir, "var/tidings.conf"), lines.join(""))
  }

  // GET path from the notifier's socket for /metrics and /health.
  monitor(path) {
    return new Promise((done, fail) => {
      http
        .get({ socketPath: join(this.runDir, "metrics.sock"), path }, (answer) => {
          let body = ""
          answer.setEncoding("utf8")
          answer.on("data", (text) => (body += text))
          answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body }))
          answer.on("error", fail)
        })
        .on("error", fail)
    })
  }

  log(name) {
    const path = join(this.dir, `var/log/${name}.log`)
    return existsSync(path) ? readFileSync(path, "utf8") : ""
  }

  // What a sanitizer reported is a failure, whatever the test thought of it.
  #reports() {
    const folder = join(this.dir, "var/log")
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .flatMap((text) => text.match(/(==\d+==ERROR: |WARNING: ThreadSanitizer|runtime error: )[^]*/) ?? [])
      .map((text) => text.slice(0, 4000))
  }

  async stop() {
    for (const notifier of this.notifiers.slice(1)) await notifier.stop()
    await this.script("stop", "quietly")
    const reports = this.#reports()
    const processes = processesOf(this.dir)
    const runDir = this.runDir && existsSync(this.runDir) ? [this.runDir] : []
    rmSync(this.dir, { recursive: true, force: true })
    live.delete(this)
    const left = [...processes, ...runDir, ...reports]
    if (left.length > 0) throw new Error(`left by the site:\n${left.join("\n")}`)
  }

  // The test is ending without having stopped its site.
  abandon() {
    for (const notifier of this.notifiers.slice(1)) if (notifier.pid) spawnSync("kill", ["-KILL", String(notifier.pid)])
    spawnSync(join(checkout, "etc/run/stop"), ["quietly"], { env: scriptEnv({ VAR: join(this.dir, "var") }) })
    rmSync(this.dir, { recursive: true, force: true })
  }
}

export async function startSite(options = {}) {
  const site = new Site(options)
  try {
    return await site.start()
  } catch (error) {
    site.abandon()
    live.delete(site)
    throw error
  }
}

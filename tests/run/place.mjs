// A VAR of a test's own, and the scripts run with it.

import { spawn, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { processesOf } from "../lib/processes.mjs"
import { checkout, freePort, readEnv, scriptEnv } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"

// Hashing is not what these tests are about.
const cheap = "argon2_memory_kib=8192 argon2_passes=1"

export class Place {
  static async make({ below = "var", ...variables } = {}) {
    const place = new Place()
    place.dir = mkdtempSync(join(tmpdir(), "place-"))
    chmodSync(place.dir, 0o711)
    place.var = join(place.dir, below)
    mkdirSync(join(place.var, ".."), { recursive: true, mode: 0o711 })
    place.variables = { VAR: place.var, PORT: String(await freePort()), CONFIG: cheap, ...variables }
    return place
  }

  get env() {
    return readEnv(join(this.var, "env"))
  }

  get pids() {
    return Object.fromEntries(Object.entries(this.env).filter(([name]) => name.endsWith("_PID")))
  }

  get hasEnv() {
    return existsSync(join(this.var, "env"))
  }

  // {status, stdout, stderr, seconds} of etc/run/NAME.
  script(name, args = [], variables = {}) {
    const started = Date.now()
    const result = spawnSync(join(checkout, "etc/run", name), args, {
      env: scriptEnv({ ...this.variables, ...variables }),
      encoding: "utf8",
      timeout: 120_000,
    })
    return { ...result, seconds: (Date.now() - started) / 1000 }
  }

  // A command in the foreground, in a process group of its own as a terminal
  // would give it; said() is what it has printed.
  foreground(command, args = []) {
    const child = spawn(command, args, {
      cwd: checkout,
      env: scriptEnv(this.variables),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    })
    let text = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8")
      stream.on("data", (part) => (text += part))
    }
    const ended = new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error(`does not end:\n${text}`)), 180_000)
      child.once("exit", (status) => {
        clearTimeout(late)
        done(status)
      })
    })
    const hears = async (words) => {
      await until(() => text.includes(words) || child.exitCode !== null, `"${words}"`, 120_000)
      if (!text.includes(words)) throw new Error(`ended without "${words}":\n${text}`)
    }
    return { child, ended, said: () => text, hears }
  }

  get processes() {
    return processesOf(this.dir)
  }

  remove() {
    this.script("stop", ["quietly"])
    rmSync(this.dir, { recursive: true, force: true })
  }
}

// withPlace(options, test): the place is removed whatever happens.
export async function withPlace(options, test) {
  const place = await Place.make(options)
  try {
    await test(place)
  } finally {
    place.remove()
  }
}

// What is measured. An experiment has sides, which are sampled in turn, ours
// and the limit; and rows, what the table says of them.
//
//   {name, sides: {side: (rig, last) => sample}, rows: [row, ...]}
//   row {what, unit, ours, limit, target}
//
// ours and limit make a number from the samples {side: sample} of one round;
// limit may be left out. target is {most} or {least}, of the number itself,
// or {mostRatio}, {leastRatio} of ours to the limit. last has the samples
// of this round so far.

import { READERS } from "./people.mjs"

const MICRO = 1e6
const KIB = 1024

const notifierCost = (sample) => (sample.trees.notifier.cpu_s * MICRO) / sample.arrived
const bareCost = (sample) => (sample.trees.bare.cpu_s * MICRO) / sample.arrived
const perPost = (sample, ...names) =>
  (names.reduce((sum, name) => sum + sample.trees[name].cpu_s, 0) * MICRO) / sample.posts
const postsPerSecond = (sample) => sample.posts / sample.post_s

// What the bare server puts around a text.
const AROUND = { ws: 4, sse: 8 }
const STREAMS = { ws: "WebSocket", sse: "SSE" }

// Each post waits until everybody has it, so that every delivery is a send of
// its own; the bare loop sends as many bytes as ours were.
function fanout(stream, readers) {
  const options = (rig) => ({
    readers: rig.seats.group,
    posters: rig.seats.groupPosters,
    count: readers,
    posts: readers > 100 ? 200 : 1000,
    gate: 1,
  })
  return {
    name: `fanout-${stream}-${readers}`,
    sides: {
      ours: (rig) => rig.ours(stream, options(rig)),
      bare: (rig, { ours }) =>
        rig.bare(stream, { ...options(rig), size: Math.round(ours.bytes / ours.arrived) - AROUND[stream] }),
    },
    rows: [
      {
        what: `fan-out, ${STREAMS[stream]}, ${readers} readers: CPU of a delivery`,
        unit: "µs",
        ours: ({ ours }) => notifierCost(ours),
        limit: ({ bare }) => bareCost(bare),
        target: { mostRatio: 1.15 },
      },
    ],
  }
}

// More events than can be sent one by one. Only the messages and short ones,
// since 5000 readers on the same machine have to copy every byte again.
const storm = {
  name: "storm",
  sides: {
    ours: (rig) =>
      rig.ours("ws", {
        path: "/ws?types=chat_message",
        readers: rig.seats.group,
        posters: rig.seats.groupPosters,
        publishers: 4,
        rate: 500,
        posts: 2500,
        size: 100,
      }),
  },
  rows: [
    {
      what: `500 messages/s to ${READERS} readers: CPU of a delivery`,
      unit: "µs",
      ours: ({ ours }) => notifierCost(ours),
      target: { most: 0.5 },
    },
    { what: "the same: posts answered", unit: "/s", ours: ({ ours }) => postsPerSecond(ours), target: { least: 495 } },
    { what: "the same: post to delivery, p99", unit: "ms", ours: ({ ours }) => ours.delivery_ms.p99 },
  ],
}

function latency(stream) {
  const options = (rig) => ({
    readers: rig.seats.pairs,
    posters: rig.seats.pairPosters,
    publishers: 4,
    rate: 50,
    posts: 500,
    settle: 3, // who is online is being written down until then
  })
  // It has to be stored and it has to be pushed: less is not possible.
  const limit = (share) => ({ bare, call }) => bare.delivery_ms[share] + call.post_ms[share]
  return {
    name: `latency-${stream}`,
    sides: {
      ours: (rig) => rig.ours(stream, options(rig)),
      bare: (rig) => rig.bare(stream, options(rig)),
      call: (rig) => rig.transaction("call", 1, 2),
    },
    rows: [
      {
        what: `post to delivery, ${STREAMS[stream]}, 50/s, 2000 readers in pairs: p50`,
        unit: "ms",
        ours: ({ ours }) => ours.delivery_ms.p50,
        limit: limit("p50"),
        target: { most: 1.0 },
      },
      {
        what: "the same: p99",
        unit: "ms",
        ours: ({ ours }) => ours.delivery_ms.p99,
        limit: limit("p99"),
        target: { most: 2.7 },
      },
    ],
  }
}

const posting = (rig, options) => rig.ours("none", { posters: rig.seats.pairPosters, posts: 500_000, ...options })

const BUN_POSTS = { 1: 1996, 8: 5727, 32: 6276 }

function writing(clients) {
  return {
    name: `writing-${clients}`,
    sides: {
      ours: (rig) => posting(rig, { publishers: clients, seconds: 4 }),
      rows: (rig) => rig.transaction("rows", clients, 2),
      call: (rig) => rig.transaction("call", clients, 2),
    },
    rows: [
      {
        what: `stored messages through nginx, ${clients} client${clients > 1 ? "s" : ""}`,
        unit: "/s",
        ours: ({ ours }) => postsPerSecond(ours),
        limit: ({ call }) => postsPerSecond(call),
        target: { least: BUN_POSTS[clients] },
      },
      {
        what: "the same, against a bare transaction that writes no event",
        unit: "/s",
        ours: ({ ours }) => postsPerSecond(ours),
        limit: ({ rows }) => postsPerSecond(rows),
      },
      {
        what: "the same: CPU of api and nginx for a message",
        unit: "µs",
        ours: ({ ours }) => perPost(ours, "api", "web"),
        target: { most: 110 },
      },
    ],
  }
}

// The database's share, without and with a notifier that stamps.
function stamping(name, what, options, most) {
  return {
    name: `stamping-${name}`,
    sides: {
      call: (rig) => rig.transaction("call", 8, 2),
      with: (rig) => posting(rig, options),
      async without(rig) {
        await rig.stopNotifier()
        try {
          return await posting(rig, options)
        } finally {
          await rig.startNotifier()
        }
      },
    },
    rows: [
      ...(name === "full"
        ? [
            {
              what: "CPU of the database for a message, nothing stamped",
              unit: "µs",
              ours: (samples) => perPost(samples.without, "db"),
              limit: ({ call }) => perPost(call, "db"),
              target: { mostRatio: 1.3 },
            },
          ]
        : []),
      {
        what: `CPU of the database for stamping a message, ${what}`,
        unit: "µs",
        ours: (samples) => perPost(samples.with, "db") - perPost(samples.without, "db"),
        target: { most },
      },
    ],
  }
}

// A message to many writes as many rows as one to one.
const audience = {
  name: "audience",
  sides: {
    group: (rig) => posting(rig, { posters: rig.seats.groupPosters, seconds: 2 }),
    pair: (rig) => posting(rig, { seconds: 2 }),
  },
  rows: [
    {
      what: `CPU of api and database for a post to ${READERS + 1} against one to a pair`,
      unit: "µs",
      ours: ({ group }) => perPost(group, "api", "db"),
      limit: ({ pair }) => perPost(pair, "api", "db"),
      target: { mostRatio: 1.2 },
    },
  ],
}

function idle(stream) {
  const options = (rig) => ({ readers: rig.seats.group, settle: 1 })
  const grown = (sample, name) =>
    (sample.trees[name].bytes_after - sample.trees[name].bytes_before) / KIB / sample.readers
  return {
    name: `idle-${stream}`,
    sides: {
      // Some come and go first, so that only what a connection takes is new.
      async ours(rig) {
        await rig.restartNotifier()
        await rig.ours(stream, { ...options(rig), count: 50 })
        return rig.ours(stream, options(rig))
      },
      async bare(rig) {
        await rig.restartBare()
        await rig.bare(stream, { ...options(rig), count: 50 })
        return rig.bare(stream, options(rig))
      },
    },
    rows: [
      {
        what: `memory of an idle connection, ${STREAMS[stream]}, ${READERS} of them`,
        unit: "KB",
        ours: ({ ours }) => grown(ours, "notifier"),
        limit: ({ bare }) => grown(bare, "bare"),
        target: { most: 0.6 },
      },
      {
        what: `the same: until ${READERS} are connected`,
        unit: "s",
        ours: ({ ours }) => ours.connect_s,
        limit: ({ bare }) => bare.connect_s,
      },
    ],
  }
}

export const experiments = [
  ...[100, 1000, 5000].flatMap((readers) => Object.keys(STREAMS).map((stream) => fanout(stream, readers))),
  storm,
  ...Object.keys(STREAMS).map(latency),
  ...[1, 8, 32].map(writing),
  stamping("full", "at full speed", { publishers: 8, seconds: 4 }, 30),
  stamping("50", "at 50/s", { publishers: 4, rate: 50, posts: 500 }, 80),
  audience,
  ...Object.keys(STREAMS).map(idle),
]

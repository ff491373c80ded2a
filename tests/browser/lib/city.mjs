/** A whole city for a test: a nats-server on a free port, the built binary, and a folder for both. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from './wait.mjs';

const PROJECT = resolve(import.meta.dirname, '../../..');
const POSTED_AT_ONCE = 500;

function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync);
}

function needed(path, what) {
  if (!path || !existsSync(path)) throw new Error(`${what} is missing: run \`make test\`, which sets everything up`);
  return path;
}

const target = resolve(PROJECT, process.env.CARGO_TARGET_DIR ?? 'target');
const program = needed(join(target, 'release/vonglau'), 'the built program');
const fetched = join(PROJECT, 'bin/nats-server');
const natsServer = needed(
  process.env.NATS_SERVER_BIN || (existsSync(fetched) ? fetched : onPath(['nats-server'])),
  'nats-server',
);

export const chromiumPath = needed(
  process.env.CHROMIUM || onPath(['chromium', 'chromium-browser', 'google-chrome']),
  'Chromium',
);

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((done) => child.once('exit', done));
}

/** Ends it at once, as a crash would. */
async function kill(child) {
  child.kill('SIGKILL');
  await ended(child);
}

export class City {
  url = '';
  #folder = '';
  #nats = null;
  #natsPort = -1;
  #monitor = '';
  #server = null;
  #arguments = [];
  #environment = {};

  /** `environment` goes over the default configuration, `alerts` is an alerts.toml, `flags` are of `serve`. */
  static async start({ environment = {}, alerts = '', flags = [] } = {}) {
    const city = new City();
    city.#folder = await mkdtemp(join(tmpdir(), 'vonglau-browser-'));
    const config = join(city.#folder, 'config');
    await mkdir(config);
    await writeFile(join(config, 'alerts.toml'), alerts);
    await city.startNats();
    city.#arguments = ['--config', config, '--data', join(city.#folder, 'data'), ...flags];
    city.#environment = environment;
    await city.startServer();
    await city.state('waiting');
    return city;
  }

  async startNats() {
    const folder = join(this.#folder, 'nats');
    await rm(folder + '.ports', { recursive: true, force: true });
    await mkdir(folder + '.ports');
    const config = join(this.#folder, 'nats.conf');
    await writeFile(
      config,
      `host: 127.0.0.1\nport: ${this.#natsPort}\nhttp: "127.0.0.1:-1"\nports_file_dir: "${folder}.ports"\n` +
        `max_payload: 2MB\njetstream { store_dir: "${folder}", sync_interval: always, max_file_store: 200GB }\n`,
    );
    this.#nats = spawn(natsServer, ['-c', config], { stdio: 'ignore' });
    const ports = await eventually('nats-server tells its ports', async () => {
      const [name] = await readdir(folder + '.ports');
      return JSON.parse(await readFile(join(folder + '.ports', name), 'utf8'));
    });
    this.#natsPort = Number(new URL(ports.nats[0]).port);
    this.#monitor = ports.monitoring[0];
  }

  killNats() {
    return kill(this.#nats);
  }

  /** On the port that it had before, so that open pages find it again. */
  async startServer() {
    const address = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const log = openSync(join(this.#folder, 'server.log'), 'a');
    this.#server = spawn(
      program,
      ['serve', '--http', address, '--nats', `nats://127.0.0.1:${this.#natsPort}`, ...this.#arguments],
      {
        stdio: ['ignore', 'pipe', log],
        env: { ...process.env, VONGLAU_NATS__MONITOR: this.#monitor, ...this.#environment },
      },
    );
    const lines = createInterface({ input: this.#server.stdout });
    const first = await new Promise((done) => {
      lines.once('line', done);
      lines.once('close', () => done(''));
    });
    const said = /^listening on (http:\S+)$/.exec(first);
    assert.ok(said, `it did not start: ${first}\n${readFileSync(join(this.#folder, 'server.log'), 'utf8')}`);
    this.url = said[1];
  }

  killServer() {
    return kill(this.#server);
  }

  async stop() {
    for (const child of [this.#server, this.#nats]) if (child) await kill(child);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async get(path) {
    const answer = await fetch(this.url + path);
    assert.equal(answer.status, 200, `${path}: ${answer.status}`);
    return answer.json();
  }

  state(state) {
    return eventually(`state ${state}`, async () => (await this.get('/api/v1/status')).state === state);
  }

  /** Posts events in their order and waits until the picture holds them; gives the last receipt. */
  async take(events) {
    let receipt;
    for (let at = 0; at < events.length; at += POSTED_AT_ONCE) {
      const body = JSON.stringify(events.slice(at, at + POSTED_AT_ONCE));
      const headers = { 'content-type': 'application/json' };
      const answer = await eventually('events are taken', async () => {
        const answer = await fetch(this.url + '/v1/events', { method: 'POST', headers, body });
        return answer.status === 503 ? undefined : answer;
      });
      receipt = await answer.json();
      assert.equal(answer.status, 200, JSON.stringify(receipt));
    }
    if (receipt.stream_seq !== undefined) {
      await eventually('events are applied', async () => {
        return (await this.get('/api/v1/status')).stream_seq >= receipt.stream_seq;
      });
    }
    return receipt;
  }
}

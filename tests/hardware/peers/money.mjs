// Other people's masters of the money wires, on the port that argv names. One JSON object a line out.
// cctalk PORT: hex chunks a line in; each is written to the port, what npm's ccTalk parser splits off comes out as {"frame": hex}.
// ssp PORT: npm's SSP client brings a validator up, then tells what it hears as {"event": name, ...}; "quit" ends.
import { createRequire } from 'node:module'
import readline from 'node:readline'
import { CCTalkParser } from '@serialport/parser-cctalk'
import { SerialPort } from 'serialport'

const [what, path] = process.argv.slice(2)
const tell = (one) => console.log(JSON.stringify(one))
const lines = readline.createInterface({ input: process.stdin })

async function cctalk() {
  const port = new SerialPort({ path, baudRate: 9600 })
  port.pipe(new CCTalkParser()).on('data', (frame) => tell({ frame: frame.toString('hex') }))
  port.on('open', () => tell({ open: path }))
  for await (const line of lines) {
    if (line === 'quit') break
    port.write(Buffer.from(line, 'hex'))
  }
  port.close(() => process.exit(0))
}

function client() {
  const require = createRequire(import.meta.url)
  // The client was written for serialport 9: a path first, and the class itself as the module.
  const seen = require.resolve('serialport')
  require(seen)
  require.cache[seen].exports = class extends SerialPort {
    constructor(name, options) {
      super({ path: name, baudRate: options.baudRate, stopBits: options.stopbits })
    }
  }
  const Client = require('encrypted-smiley-secure-protocol')
  return new Client({ id: 0, timeout: 2000 })
}

async function ssp() {
  const device = client()
  for (const name of ['READ_NOTE', 'CREDIT_NOTE', 'NOTE_STACKED', 'NOTE_REJECTED', 'SLAVE_RESET']) {
    device.on(name, (event) => tell({ event: name, channel: event.channel ?? 0 }))
  }
  await device.open(path, {})
  await device.command('SYNC')
  await device.command('HOST_PROTOCOL_VERSION', { version: 6 })
  const number = await device.command('GET_SERIAL_NUMBER')
  const setup = await device.command('SETUP_REQUEST')
  await device.command('SET_CHANNEL_INHIBITS', { channels: Array(15).fill(1) })
  tell({ serial: number.info.serial_number, values: setup.info.expanded_channel_value, unit: setup.info.unit_type })
  tell({ enabled: (await device.enable()).status })
  for await (const line of lines) if (line === 'quit') process.exit(0)
}

await (what === 'cctalk' ? cctalk() : ssp())

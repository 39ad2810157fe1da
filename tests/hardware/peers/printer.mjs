// What other people's ESC/POS libraries make of our printer, and make for it. One JSON object a line in, one out:
// {"statuses": [[n, byte], ...]} -> per status byte the labels that escpos' decoder does not find all right;
// {"receiptline": text, "columns": n} and {"encoder": {title, rows, code}, "columns": n} -> the slip as hex.
import { createRequire } from 'node:module'
import readline from 'node:readline'
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder'

const require = createRequire(import.meta.url)
const statuses = require('escpos/statuses')
const receiptline = require('receiptline')
const DECODERS = [
  statuses.PrinterStatus, statuses.OfflineCauseStatus, statuses.ErrorCauseStatus, statuses.RollPaperSensorStatus,
]

function labels([n, byte]) {
  const told = new DECODERS[n - 1](byte).toJSON().statuses
  return told.filter((one) => one.status !== 'ok' || one.label.includes('is being pressed')).map((one) => one.label)
}

function encoded({ title, rows, code }, columns) {
  const slip = new ReceiptPrinterEncoder({ language: 'esc-pos', columns, feedBeforeCut: 4 })
  slip.initialize().bold(true).width(2).height(2).line(title).bold(false).width(1).height(1)
  for (const [label, value] of rows) {
    slip.table([{ width: columns / 2, align: 'left' }, { width: columns / 2, align: 'right' }], [[label, value]])
  }
  return slip.rule().qrcode(code).cut('partial').encode()
}

function answer(ask) {
  if (ask.statuses) return ask.statuses.map(labels)
  if (ask.encoder) return Buffer.from(encoded(ask.encoder, ask.columns)).toString('hex')
  const printer = { cpl: ask.columns, encoding: 'gb18030', command: 'escpos', cutting: true }
  return Buffer.from(receiptline.transform(ask.receiptline, printer), 'binary').toString('hex')
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))))
}

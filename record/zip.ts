/** The parts of the zip format that packing and opening share: signatures, the checksum, the limits without zip64. */

export const LOCAL_HEADER = 0x04034b50;
export const CENTRAL_HEADER = 0x02014b50;
export const END_OF_DIRECTORY = 0x06054b50;
export const LOCAL_HEADER_BYTES = 30;
export const CENTRAL_HEADER_BYTES = 46;
export const END_BYTES = 22;
export const STORED = 0;
export const DEFLATED = 8;
/** Sizes and offsets are 32 bits wide; all ones would mean zip64. */
export const LARGEST = 0xffff_fffe;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value;
});

/** CRC-32 of `bytes` that follow bytes with the checksum `before`. Node has its own only from 22.2 on. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let value = ~before;
  for (let index = 0; index < bytes.length; index++)
    value = (value >>> 8) ^ table[(value ^ bytes[index]!) & 0xff]!;
  return ~value >>> 0;
}

/**
 * Makes protobufjs read 64-bit integers as plain numbers: milliseconds and counts stay below 2^53, and a Long object per
 * field costs more than the field. Must be evaluated before the generated root, whose fields look at it once.
 */
import protobuf from 'protobufjs/light.js';

(protobuf.util as { Long?: unknown }).Long = undefined;
protobuf.configure();

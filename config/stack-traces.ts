/**
 * Pulumi's language host maps every stack trace through source maps, and takes several traces per resource. Types are stripped in place
 * here, so positions are true without: Node's own traces say the same and take a quarter of the program's time away.
 */
Reflect.deleteProperty(Error, "prepareStackTrace");

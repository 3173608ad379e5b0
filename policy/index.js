// Pulumi's launcher of policy packs puts ts-node before files that it requires; what a module imports is Node's own business.
import "./pack.ts";

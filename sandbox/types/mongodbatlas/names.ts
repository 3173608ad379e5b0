export const projectType = "mongodbatlas:index/project:Project";
export const workspaceType = "mongodbatlas:index/streamWorkspace:StreamWorkspace";
export const instanceType = "mongodbatlas:index/streamInstance:StreamInstance";
export const connectionType = "mongodbatlas:index/streamConnection:StreamConnection";
export const processorType = "mongodbatlas:index/streamProcessor:StreamProcessor";

/** Sizes of processors, the smallest first. */
export const tiers = ["SP2", "SP5", "SP10", "SP30", "SP50"];

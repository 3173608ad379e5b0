/** Variables that the aggregation language of streams has. */
export const systemVariables: ReadonlySet<string> = new Set(["ROOT", "CURRENT", "REMOVE", "DESCEND", "PRUNE", "KEEP"]);

/** Variables of MongoDB that streams have not, and what to write instead. */
export const unsupportedVariables: Readonly<Record<string, string>> = {
  NOW: 'write {"$currentDate": {}}',
  CLUSTER_TIME: 'take the time of the event: {"$meta": "stream.source.ts"}',
  USER_ROLES: "decide by a field of the document",
  SEARCH_META: "search where documents are read, not in the stream",
};

/** Roots of what `$meta` gives; longer paths below them are fields of theirs. */
export const metaRoots = ["stream", "stream.source", "stream.window", "stream.https"] as const;
/** What is known below windows and calls; sources have fields of their own. */
export const metaFields: Readonly<Record<string, readonly string[]>> = {
  "stream.window": ["start", "end", "partition"],
};

/** Stages whose accumulators stand where expressions else do. */
export const accumulators: ReadonlySet<string> = words(
  "$accumulator $addToSet $avg $bottom $bottomN $concatArrays $count $first $firstN $last $lastN $max $maxN $median $mergeObjects $min $minN " +
    "$percentile $push $setUnion $stdDevPop $stdDevSamp $sum $top $topN",
);

/** Operators of expressions. */
export const expressionOperators: ReadonlySet<string> = words(
  "$abs $acos $acosh $add $allElementsTrue $and $anyElementTrue $arrayElemAt $arrayToObject $asin $asinh $atan $atan2 $atanh $avg $binarySize " +
    "$bitAnd $bitNot $bitOr $bitXor $bsonSize $ceil $cmp $concat $concatArrays $cond $convert $cos $cosh $createUUID $currentDate $dateAdd " +
    "$dateDiff $dateFromParts $dateFromString $dateSubtract $dateToParts $dateToString $dateTrunc $dayOfMonth $dayOfWeek $dayOfYear " +
    "$degreesToRadians $divide $encStrContains $eq $exp $filter $first $firstN $floor $function $getField $gt $gte $hour $ifNull $in " +
    "$indexOfArray $indexOfBytes $indexOfCP $isArray $isNumber $isoDayOfWeek $isoWeek $isoWeekYear $last $lastN $let $literal $ln $log $log10 " +
    "$lt $lte $ltrim $map $max $maxN $median $mergeObjects $meta $millisecond $min $minN $minute $mod $month $multiply $ne $not $objectToArray " +
    "$or $percentile $pow $radiansToDegrees $rand $range $reduce $regexFind $regexFindAll $regexMatch $replaceAll $replaceOne $reverseArray " +
    "$round $rtrim $sampleRate $second $setDifference $setEquals $setField $setIntersection $setIsSubset $setUnion $sigmoid $sin $sinh $size " +
    "$slice $sortArray $split $sqrt $stdDevPop $stdDevSamp $strLenBytes $strLenCP $strcasecmp $substr $substrBytes $substrCP $subtract $sum " +
    "$switch $tan $tanh $toBool $toDate $toDecimal $toDouble $toHashedIndexKey $toInt $toLong $toLower $toObjectId $toString $toUUID $toUpper " +
    "$trim $trunc $tsIncrement $tsSecond $type $unsetField $week $year $zip",
);

/** Operators of queries, as `$match` and `$validate` take them. */
export const queryOperators: ReadonlySet<string> = words(
  "$all $and $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet $comment $elemMatch $eq $exists $expr $geoIntersects $geoWithin $gt $gte $in " +
    "$jsonSchema $lt $lte $mod $ne $nin $nor $not $options $or $rand $regex $sampleRate $size $type $near $nearSphere $text $where",
);

/** Operators of queries that `$validate` does not take. */
export const notInValidate: ReadonlySet<string> = words("$near $nearSphere $text $where");

/** Keys that say what type a value has; they are values and no operators. */
export const valueKeys: ReadonlySet<string> = words(
  "$date $oid $numberInt $numberLong $numberDouble $numberDecimal $timestamp $binary $uuid $regularExpression $minKey $maxKey $undefined $symbol " +
    "$code $scope $dbPointer $ref $id $db $geometry $box $center $centerSphere $polygon $maxDistance $minDistance",
);

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

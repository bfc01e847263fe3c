#include "data/index/check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotations.h"
#include "data/annotations/rrsisd.h"
#include "data/annotations/rrsisd_boxes.h"
#include "data/defects.h"
#include "data/index/apply_policy.h"
#include "data/index/index_build.h"
#include "data/index/index_cache.h"
#include "data/index/split_index.h"
#include "data/io/file.h"
#include "data/spec.h"
#include "data/text/tokenizer.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// BERT's limit of 20 tokens has two special ones.
constexpr int kBertWords = 18;
// Corners of the two files count pixels from 0 or 1, so they may differ by one.
constexpr int kCornerTolerance = 1;

// Triplets of the published data sets, by split.
std::array<int64_t, 3> PublishedRecords(FoundDataset::Format format) {
  switch (format) {
    case FoundDataset::RRSISD:
      return {12181, 1740, 3481};
    case FoundDataset::REFSEGRS:
      return {2172, 431, 1817};
    case FoundDataset::RISBENCH:
      return {26300, 10013, 16159};
    default:
      return {0, 0, 0};
  }
}

int64_t WordsOf(absl::string_view sentence) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(sentence, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  return static_cast<int64_t>(words.size());
}

void LookAtLength(const Tokenizer* tokenizer, int max_tokens,
                  IndexedRecord* record) {
  const int64_t words = WordsOf(record->sentence());
  if (tokenizer != nullptr) {
    const absl::StatusOr<std::vector<int64_t>> tokens =
        tokenizer->Encode(record->sentence(), max_tokens);
    if (!tokens.ok()) {
      AddDefect(kSentenceTooLong, tokens.status().message(), record);
    }
  } else if (words >= max_tokens) {
    AddDefect(kSentenceTooLong,
              absl::StrCat(words, " words, at most ", max_tokens, " tokens"),
              record);
  }
  if (words > kBertWords) {
    AddDefect(kSentenceLongForBert, absl::StrCat(words, " words"), record);
  }
}

// The name of a file without directory and extension.
std::string StemOf(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

void LookAtXml(const std::string& root, IndexedRecord* record) {
  const std::string file = absl::StrCat(root, "/", kRrsisdBoxes, "/",
                                        StemOf(record->image()), ".xml");
  const absl::StatusOr<std::string> text = ReadFile(file, kMaxXmlBytes);
  const absl::StatusOr<XmlAnnotation> xml =
      text.ok() ? ParseRrsisdXml(*text, file) : text.status();
  if (!xml.ok()) {
    AddDefect(kXmlUnreadable, xml.status().message(), record);
    return;
  }
  int sentences = 0;
  bool same_box = record->box_size() != 4;
  for (const XmlObject& object : xml->objects) {
    sentences += object.description.empty() ? 0 : 1;
    bool same = !same_box;
    for (int i = 0; same && i < 4; ++i) {
      same = std::abs(object.box[i] - record->box(i)) <= kCornerTolerance;
    }
    same_box = same_box || same;
  }
  if (!same_box) {
    AddDefect(kXmlWithoutBox,
              absl::StrCat(file, " has ", xml->objects.size(),
                           " objects, none with the box ",
                           absl::StrJoin(record->box(), ", ")),
              record);
  }
  if (sentences > 1) {
    AddDefect(kXmlSeveralSentences,
              absl::StrCat(sentences, " descriptions in ", file), record);
  }
}

// Images of different splits with the same bytes and different names.
void FindSameImages(const std::vector<std::string>& digests, Annotations* all) {
  struct Seen {
    unsigned splits = 0;
    std::array<std::string, kSplitNames.size()> image;
  };
  absl::flat_hash_map<std::string, Seen> seen;
  size_t number = 0;
  for (size_t s = 0; s < kSplitNames.size(); ++s) {
    for (const IndexedRecord& record : all->split[s]) {
      if (const std::string& digest = digests[number++]; !digest.empty()) {
        Seen& entry = seen[digest];
        entry.splits |= 1u << s;
        entry.image[s] = record.image();
      }
    }
  }
  number = 0;
  for (size_t s = 0; s < kSplitNames.size(); ++s) {
    for (IndexedRecord& record : all->split[s]) {
      const std::string& digest = digests[number++];
      if (digest.empty()) {
        continue;
      }
      const Seen& entry = seen[digest];
      for (size_t other = 0; other < kSplitNames.size(); ++other) {
        if (other != s && (entry.splits >> other & 1) != 0 &&
            entry.image[other] != record.image()) {
          AddDefect(kSameImageInTwoSplits,
                    absl::StrCat(record.image(), " and ", entry.image[other],
                                 " of ", kSplitNames[other]),
                    &record);
          break;
        }
      }
    }
  }
}

// Records of each of kSplitNames.
using SplitRecords =
    std::array<std::vector<const IndexedRecord*>, kSplitNames.size()>;

void CountSplit(FoundDataset::Format format, const SplitRecords& all, size_t s,
                DataCheckReport* report) {
  absl::flat_hash_set<absl::string_view> images;
  absl::flat_hash_set<absl::string_view> sentences;
  for (const IndexedRecord* record : all[s]) {
    images.insert(record->image());
    sentences.insert(record->sentence());
  }
  CheckedSplit* split = report->add_split();
  split->set_name(kSplitNames[s]);
  split->set_records(static_cast<int64_t>(all[s].size()));
  split->set_images(static_cast<int64_t>(images.size()));
  split->set_sentences(static_cast<int64_t>(sentences.size()));
  split->set_published_records(PublishedRecords(format)[s]);
}

// `only_stopping` leaves out the kinds at which a run with the policy goes on.
void CountDefects(const SplitRecords& all, const DefectPolicy& policy,
                  bool only_stopping, int examples, DataCheckReport* report) {
  std::vector<CheckedDefect> found;
  for (const DefectKind& kind : DefectKinds()) {
    CheckedDefect defect;
    defect.set_kind(kind.name);
    defect.set_meaning(kind.meaning);
    defect.set_stops_run(ActionFor(policy, kind) == DefectPolicy::ERROR);
    if (only_stopping && !defect.stops_run()) continue;
    defect.set_has_policy(kind.has_policy);
    if (kind.has_policy) {
      defect.set_actions(AllowedActions(kind));
    }
    for (size_t s = 0; s < kSplitNames.size(); ++s) {
      int64_t count = 0;
      for (const IndexedRecord* record : all[s]) {
        const auto has = std::find_if(
            record->defect().begin(), record->defect().end(),
            [&](const Defect& one) { return one.kind() == kind.name; });
        if (has == record->defect().end()) {
          continue;
        }
        ++count;
        if (defect.example_size() < examples) {
          DefectExample* example = defect.add_example();
          example->set_split(kSplitNames[s]);
          example->set_id(record->id());
          example->set_place(record->place());
          example->set_detail(has->detail());
        }
      }
      defect.add_records_by_split(count);
      defect.set_records(defect.records() + count);
    }
    if (defect.records() > 0) {
      found.push_back(std::move(defect));
    }
  }
  std::stable_partition(
      found.begin(), found.end(),
      [](const CheckedDefect& defect) { return defect.stops_run(); });
  for (CheckedDefect& defect : found) {
    *report->add_defect() = std::move(defect);
  }
}

DataCheckReport StartReport(FoundDataset::Format format,
                            const std::string& root) {
  DataCheckReport report;
  report.set_version(1);
  report.set_root(root);
  report.set_format(FoundDataset::Format_Name(format));
  return report;
}

// Name of the published data set that this may be, by layout and size: data of
// one's own in a published layout are not held against it.
std::string PublishedName(const DataCheckReport& report) {
  int64_t records = 0;
  int64_t published = 0;
  for (const CheckedSplit& split : report.split()) {
    records += split.records();
    published += split.published_records();
  }
  if (2 * records < published || published == 0) return "";
  return report.format() == "RRSISD"     ? "RRSIS-D"
         : report.format() == "REFSEGRS" ? "RefSegRS"
                                         : "RISBench";
}

// "  12181, the same".
std::string PublishedText(const CheckedSplit& split) {
  return absl::StrCat(
      "  ", split.published_records(),
      split.published_records() == split.records() ? ", the same" : "");
}

// " empty_mask: KEEP size_mismatch: REPAIR" for what stops a run.
std::string MildestPolicyFor(const DataCheckReport& report) {
  const DefectPolicy mildest = MildestPolicy();
  std::string fields;
  for (const CheckedDefect& defect : report.defect()) {
    if (defect.stops_run() && defect.has_policy()) {
      absl::StrAppend(&fields, " ", defect.kind(), ": ",
                      DefectPolicy::Action_Name(
                          ActionFor(mildest, FindDefectKind(defect.kind()))));
    }
  }
  return fields;
}

}  // namespace

absl::StatusOr<DataCheckReport> CheckDataset(const FoundDataset& reading,
                                             const std::string& root,
                                             const CheckOptions& options) {
  std::unique_ptr<Tokenizer> tokenizer;
  if (!options.tokenizer.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(tokenizer, Tokenizer::Load(options.tokenizer));
  }
  FoundDataset spec = reading;
  spec.clear_policy();
  spec.clear_role();
  const FoundDataset::Format format = spec.format();
  const std::string key = options.cache_dir.empty() ? "" : IndexKey(spec, root);
  std::vector<std::string> digests;
  IndexBuildOptions build;
  build.ignored_label = spec.ignored_label();
  build.sentence_field = spec.sentence_field();
  build.decode_images = true;
  build.progress = options.progress;
  build.image_digests = &digests;
  TRANSECT_ASSIGN_OR_RETURN(Annotations all, BuildIndex(format, root, build));
  if (!options.cache_dir.empty()) {
    auto splits = SplitIndex(all, key, /*images_decoded=*/true);
    for (size_t i = 0; i < splits.size(); ++i) {
      WriteCachedSplit(options.cache_dir, spec, root, kSplitNames[i],
                       &splits[i])
          .IgnoreError();
    }
  }
  const bool has_xml = format == FoundDataset::RRSISD &&
                       FileExists(absl::StrCat(root, "/", kRrsisdBoxes));
  for (auto& split : all.split) {
    for (IndexedRecord& record : split) {
      LookAtLength(tokenizer.get(), options.max_tokens, &record);
      if (has_xml) {
        LookAtXml(root, &record);
      }
    }
  }
  FindSameImages(digests, &all);
  SplitRecords records;
  for (size_t s = 0; s < kSplitNames.size(); ++s) {
    for (const IndexedRecord& record : all.split[s]) {
      records[s].push_back(&record);
    }
  }
  DataCheckReport report = StartReport(format, root);
  for (size_t s = 0; s < kSplitNames.size(); ++s) {
    CountSplit(format, records, s, &report);
  }
  CountDefects(records, DefectPolicy(), /*only_stopping=*/false,
               options.examples, &report);
  return report;
}

absl::StatusOr<DataCheckReport> CheckUsedSplits(
    const FoundDataset& spec, const std::string& root,
    absl::Span<const std::string> splits, const CheckOptions& options) {
  std::vector<int> numbers;
  for (const std::string& split : splits) {
    const int number = SplitNumber(split);
    if (number < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("split \"", split, "\", must be train, val or test"));
    }
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  SplitIndexOptions open;
  open.cache_dir = options.cache_dir;
  open.decode_images = true;
  open.progress = options.progress;
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<IndexView> views,
                            OpenSplitIndexes(root, spec, numbers, open));
  SplitRecords records;
  DataCheckReport report = StartReport(spec.format(), root);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const int s = numbers[i];
    for (const IndexedRecord& record : views[i].index.record()) {
      records[s].push_back(&record);
    }
    CountSplit(spec.format(), records, s, &report);
  }
  CountDefects(records, spec.policy(), /*only_stopping=*/true, options.examples,
               &report);
  for (size_t i = 0; i < numbers.size() && !StopsRun(report); ++i) {
    const char* const split = kSplitNames[numbers[i]];
    TRANSECT_ASSIGN_OR_RETURN(
        const SplitUse use,
        ApplyPolicy(spec.policy(), root, split, views[i].index));
    if (use.used == 0) {
      return absl::NotFoundError(absl::StrCat(
          "the data set in ", root,
          use.records == 0
              ? absl::StrCat(" has no record of split \"", split, "\"")
              : absl::StrCat(", ", use.Summary(split))));
    }
  }
  return report;
}

bool StopsRun(const DataCheckReport& report) {
  return std::any_of(
      report.defect().begin(), report.defect().end(),
      [](const CheckedDefect& defect) { return defect.stops_run(); });
}

std::string RenderDataCheck(const DataCheckReport& report) {
  std::string text =
      absl::StrCat(report.root(), "  layout ", report.format(), "\n");
  if (!report.identity().empty()) {
    absl::StrAppend(&text, "identity ", report.identity(), "\n");
  }
  const std::string published = PublishedName(report);
  absl::StrAppendFormat(
      &text, "\n%-8s%10s%10s%12s%s\n", "split", "records", "images",
      "sentences",
      published.empty() ? "" : absl::StrCat("  records of ", published));
  for (const CheckedSplit& split : report.split()) {
    absl::StrAppendFormat(&text, "%-8s%10d%10d%12d%s\n", split.name(),
                          split.records(), split.images(), split.sentences(),
                          published.empty() ? "" : PublishedText(split));
  }
  if (report.defect().empty()) {
    absl::StrAppend(&text, "\nno defects\n");
    return text;
  }
  absl::StrAppendFormat(&text, "\n%-26s%9s%9s%9s%9s  %s\n", "defect", "train",
                        "val", "test", "all", "policy");
  for (const CheckedDefect& defect : report.defect()) {
    absl::StrAppendFormat(
        &text, "%-26s%9d%9d%9d%9d  %s\n", defect.kind(),
        defect.records_by_split(0), defect.records_by_split(1),
        defect.records_by_split(2), defect.records(),
        defect.has_policy()
            ? absl::StrCat(
                  defect.stops_run() ? "stops a run; may be " : "kept; may be ",
                  defect.actions())
        : defect.stops_run() ? "stops a run (tokenizer.max_tokens)"
                             : "none needed");
    absl::StrAppend(&text, "    ", defect.meaning(), "\n");
    for (const DefectExample& example : defect.example()) {
      absl::StrAppend(&text, "    ", example.split(), " ", example.id(), ": ",
                      example.detail(), "\n");
    }
    if (defect.records() > defect.example_size()) {
      absl::StrAppend(&text, "    and ",
                      defect.records() - defect.example_size(), " more\n");
    }
  }
  if (!StopsRun(report)) {
    absl::StrAppend(&text, "\nNone of these stops a run.\n");
    return text;
  }
  absl::StrAppend(&text,
                  "\nA run stops at the first of these unless data.found."
                  "policy says otherwise.\n");
  if (const std::string policy = MildestPolicyFor(report); !policy.empty()) {
    absl::StrAppend(
        &text, "With these fields in it a run uses all records that it can:\n",
        "  policy {", policy, " }\n");
  }
  return text;
}

}  // namespace transect

#include "metrics/event_file.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/io/crc32c.h"
#include "metrics/event_file.pb.h"
#include "metrics/metric_log.pb.h"

namespace transect {
namespace {

template <typename Unsigned>
void AppendLittleEndian(Unsigned value, std::string* bytes) {
  for (size_t i = 0; i < sizeof(value); ++i) {
    bytes->push_back(static_cast<char>(value >> (8 * i) & 0xff));
  }
}

uint32_t MaskedCrc(absl::string_view bytes) {
  const uint32_t crc = Crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

double Seconds(int64_t unix_us) { return static_cast<double>(unix_us) * 1e-6; }

double StartOf(const TrainingSeries& series) {
  return series.parts.empty() ? 0 : Seconds(series.parts[0].start_unix_us);
}

// Events at the wall time that they had, one after the other.
class Writer {
 public:
  explicit Writer(const TrainingSeries& series)
      : series_(series), wall_time_(StartOf(series)) {
    EventFileEvent event;
    event.set_wall_time(wall_time_);
    event.set_file_version("brain.Event:2");
    Append(event);
  }

  void Add(const TrainStep& step) {
    int64_t before = last_step_;
    while (part_ + 1 < series_.parts.size() &&
           step.step() > series_.parts[part_].end) {
      ++part_;
      // Of the steps of this record the others took their time before.
      before = series_.parts[part_].begin;
      wall_time_ = Seconds(series_.parts[part_].start_unix_us);
    }
    wall_time_ +=
        step.step_seconds() * static_cast<double>(step.step() - before);
    last_step_ = step.step();
    EventFileEvent event = EventAt(step.step());
    const auto set = [&](absl::string_view curve, double value) {
      Set(absl::StrCat("train/", curve), value, &event);
    };
    set("loss", step.loss());
    set("lr", step.lr());
    if (step.has_gradient_norm()) set("gradient_norm", step.gradient_norm());
    if (step.step_seconds() > 0) set("step_seconds", step.step_seconds());
    // Logs older than these fields have none of them.
    if (step.mean_of_steps() > 0) {
      set("images_per_second", step.images_per_second());
      set("data_seconds", step.data_seconds());
      set("peak_memory_bytes", static_cast<double>(step.peak_memory_bytes()));
    }
    Append(event);
  }

  void Add(const Validation& validation) {
    EventFileEvent event = EventAt(validation.step());
    const std::string split = absl::StrCat("validation/", validation.split());
    Set(absl::StrCat(split, "/giou"), validation.giou(), &event);
    Set(absl::StrCat(split, "/ciou"), validation.ciou(), &event);
    Append(event);
  }

  std::string Take() { return std::move(bytes_); }

 private:
  EventFileEvent EventAt(int64_t step) const {
    EventFileEvent event;
    event.set_wall_time(wall_time_);
    event.set_step(step);
    return event;
  }

  static void Set(const std::string& tag, double value, EventFileEvent* event) {
    EventFileSummary::Value* const added =
        event->mutable_summary()->add_value();
    added->set_tag(tag);
    added->set_simple_value(static_cast<float>(value));
  }

  void Append(const EventFileEvent& event) {
    bytes_ += EncodeTfRecord(event.SerializeAsString());
  }

  const TrainingSeries& series_;
  std::string bytes_;
  double wall_time_;
  size_t part_ = 0;
  int64_t last_step_ = 0;
};

}  // namespace

std::string EventFileName(const TrainingSeries& series) {
  return absl::StrFormat("%s%010d.transect", kEventFileStart,
                         static_cast<int64_t>(StartOf(series)));
}

std::string EncodeTfRecord(absl::string_view payload) {
  std::string record;
  AppendLittleEndian(uint64_t{payload.size()}, &record);
  AppendLittleEndian(MaskedCrc(record), &record);
  absl::StrAppend(&record, payload);
  AppendLittleEndian(MaskedCrc(payload), &record);
  return record;
}

std::string EventFileOf(const TrainingSeries& series) {
  Writer writer(series);
  size_t next = 0;
  for (const TrainStep& step : series.steps) {
    for (; next < series.validations.size() &&
           series.validations[next].step() < step.step();
         ++next) {
      writer.Add(series.validations[next]);
    }
    writer.Add(step);
  }
  for (; next < series.validations.size(); ++next) {
    writer.Add(series.validations[next]);
  }
  return writer.Take();
}

}  // namespace transect

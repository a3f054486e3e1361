// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/finding_json.h"

namespace chainfs::tools {
namespace {

using fs::check::Finding;
using fs::check::FindingKind;
using fs::check::Pass;
using fs::check::PassResult;
using fs::check::Progress;
using fs::check::Severity;
using fs::check::Verdict;
using nlohmann::json;

// The value that has this name; `last` is the enumeration's.
template <class Enum>
std::optional<Enum> Named(const json& object, const char* key, Enum last) {
  const std::string name = object.value(key, "");
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (name == NameOf(static_cast<Enum>(i))) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::optional<uint64_t> NumberOf(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  return found->get<uint64_t>();
}

template <class Id>
std::optional<Id> IdOf(const json& object, const char* key) {
  const auto number = NumberOf(object, key);
  return number ? std::optional(Id(*number)) : std::nullopt;
}

// Decodes what may be anything: a value of another type than is expected is nothing.
template <class T, class Decode>
std::optional<T> Guarded(Decode decode) {
  try {
    return decode();
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

json FindingAsJson(const Finding& finding) {
  json object = {{"pass", NameOf(finding.pass)},
                 {"kind", NameOf(finding.kind)},
                 {"severity", NameOf(finding.severity)},
                 {"what", finding.what}};
  if (!finding.advice.empty()) object["advice"] = finding.advice;
  if (!finding.path.empty()) object["path"] = finding.path;
  if (finding.inode) object["inode"] = finding.inode->value;
  if (finding.bytes) object["bytes"] = {finding.bytes->first, finding.bytes->second};
  if (finding.object) object["object"] = finding.object->value;
  if (finding.record) object["record"] = finding.record->value;
  if (finding.page) object["page"] = *finding.page;
  return {{"finding", object}};
}

json PassAsJson(const PassResult& result) {
  return {{"pass", NameOf(result.pass)},
          {"verdict", NameOf(result.verdict)},
          {"reason", result.reason}};
}

json ProgressAsJson(const Progress& progress) {
  return {{"progress",
           {{"pass", NameOf(progress.pass)},
            {"done", progress.done},
            {"total", progress.total},
            {"unit", progress.total_is_items ? "items" : "bytes"}}}};
}

std::optional<Finding> FindingFromJson(const json& message) {
  return Guarded<Finding>([&]() -> std::optional<Finding> {
    const json& object = message.at("finding");
    const auto pass = Named(object, "pass", Pass::kStructure);
    const auto kind = Named(object, "kind", FindingKind::kDeadButReachable);
    const auto severity = Named(object, "severity", Severity::kDamage);
    if (!pass || !kind || !severity) return std::nullopt;
    Finding finding{.pass = *pass, .kind = *kind, .severity = *severity};
    finding.what = object.value("what", "");
    finding.advice = object.value("advice", "");
    finding.path = object.value("path", "");
    finding.inode = IdOf<InodeNumber>(object, "inode");
    if (const auto bytes = object.find("bytes"); bytes != object.end()) {
      finding.bytes = {bytes->at(0).get<uint64_t>(), bytes->at(1).get<uint64_t>()};
    }
    finding.object = IdOf<ObjectId>(object, "object");
    finding.record = IdOf<Sequence>(object, "record");
    finding.page = NumberOf(object, "page");
    return finding;
  });
}

std::optional<PassResult> PassFromJson(const json& message) {
  return Guarded<PassResult>([&]() -> std::optional<PassResult> {
    const auto pass = Named(message, "pass", Pass::kStructure);
    const auto verdict = Named(message, "verdict", Verdict::kNotChecked);
    if (!pass || !verdict) return std::nullopt;
    return PassResult{*pass, *verdict, message.value("reason", "")};
  });
}

std::optional<Progress> ProgressFromJson(const json& message) {
  return Guarded<Progress>([&]() -> std::optional<Progress> {
    const json& object = message.at("progress");
    const auto pass = Named(object, "pass", Pass::kStructure);
    if (!pass) return std::nullopt;
    return Progress{*pass, object.value("done", uint64_t{0}), object.value("total", uint64_t{0}),
                    object.value("unit", "") == "items"};
  });
}

}  // namespace chainfs::tools

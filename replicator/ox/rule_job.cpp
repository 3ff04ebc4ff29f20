#include <algorithm>
#include <utility>

#include "replicator/ox/jobs.h"
#include "replicator/ox/json_writer.h"
#include "replicator/ox/requests.h"
#include "replicator/ox/rules.h"
#include "replicator/ox/server_error.h"

namespace outpost {
namespace {

// One rule is written. Nothing on the server refuses a late write, so the rules are read just before: only what is
// still as it was known is changed, and only what was changed here is sent. What the server offers is asked for first,
// where it was not yet.
class RuleJob final : public ReplyJob {
 public:
  RuleJob(Ask ask, std::shared_ptr<std::optional<FilterOffer>> offer, std::function<void(Reply)> done)
      : ReplyJob(std::move(done)), ask_(std::move(ask)), offer_(std::move(offer)) {
    answers_.emplace_back();
    step_ = *offer_ ? AfterOffer() : Step::kOffer;
  }

  bool Write(const std::string& session, HttpRequest& request) override {
    constexpr const char* kActions[] = {"config", "list", "new", "update", "reorder", "delete"};
    std::string query;
    AppendFormPair(query, "action", kActions[static_cast<std::size_t>(step_)]);
    AppendFormPair(query, "session", session);
    request.url = std::string("/") + kRulesModule + "?" + query;
    if (step_ == Step::kOffer || step_ == Step::kList) return true;
    request.method = "PUT";
    request.headers.emplace_back("Content-Type", kOxJson);
    switch (step_) {
      case Step::kNew:
      case Step::kUpdate:
        request.body = WriteRule(Fields(), step_ == Step::kNew ? nullptr : &stored_, **offer_, answers_.front());
        return answers_.front().status == AnswerStatus::kDone;
      case Step::kOrder: {
        JsonWriter json;
        json.BeginArray();
        for (const std::int64_t id : order_) json.Int(id);
        request.body = json.EndArray().Take();
        return true;
      }
      default: {
        JsonWriter json;
        request.body = json.BeginObject().Key("id").Int(stored_.id).EndObject().Take();
        return true;
      }
    }
  }

  Verdict Read(HttpReply& reply, AnswerReader& reader) override {
    if (const auto error = reader.ReadError(reply.body)) {
      if (IsSessionLost(*error)) return Verdict::SessionLost();
      answers_.front() = AnswerFor(*error, ask_);
      return Verdict::Done();
    }
    switch (step_) {
      case Step::kOffer: {
        FilterOffer offer;
        if (!ReadOfferIn(reply.body, offer)) return Odd();
        *offer_ = std::move(offer);
        step_ = AfterOffer();
        return Verdict::Again();
      }
      case Step::kList: {
        std::vector<StoredRule> rules;
        if (!ReadRuleList(reply.body, rules)) return Odd();
        return Judge(std::move(rules));
      }
      case Step::kNew: {
        const auto id = reader.ReadNumber(reply.body);
        if (!id) return Verdict::Failed("a new mail filter has no id");
        answers_.front().remote_id = std::string(kRulesFolder) + ":" + std::to_string(id.value());
        return Verdict::Done();
      }
      case Step::kUpdate:
        if (!order_.empty()) {
          step_ = Step::kOrder;
          return Verdict::Again();
        }
        return Verdict::Done();
      case Step::kOrder:
      case Step::kDelete:
        return Verdict::Done();
    }
    return Verdict::Done();
  }

  Effect effect() const override {
    return step_ == Step::kOffer || step_ == Step::kList ? Effect::kNone : Effect::kWrites;
  }
  bool some_done() const override { return step_ == Step::kOrder; }

 private:
  enum class Step : std::uint8_t { kOffer, kList, kNew, kUpdate, kOrder, kDelete };

  Step AfterOffer() const { return std::holds_alternative<ask::Create>(ask_) ? Step::kNew : Step::kList; }

  const FieldMap& Fields() const {
    const auto* create = std::get_if<ask::Create>(&ask_);
    return create != nullptr ? create->fields : std::get<ask::Update>(ask_).fields;
  }

  // Nothing was written, and everything else goes on.
  Verdict Odd() {
    answers_.front().status = AnswerStatus::kTryLater;
    answers_.front().code = kAnotherShape;
    return Verdict::Done();
  }

  // What is to be done with the rule, now that it is known how it stands.
  Verdict Judge(std::vector<StoredRule> rules) {
    const auto* update = std::get_if<ask::Update>(&ask_);
    const auto* deletion = std::get_if<ask::Delete>(&ask_);
    const auto number = RuleNumber(update != nullptr ? update->remote_id : deletion->remote_id);
    const auto found =
        std::find_if(rules.begin(), rules.end(), [&](const StoredRule& rule) { return number && rule.id == *number; });
    Answer& answer = answers_.front();
    if (found == rules.end()) {
      answer.status = AnswerStatus::kGone;
      answer.code = "no_such_rule";
      return Verdict::Done();
    }
    if (!SaysTheSame(found->version, update != nullptr ? update->version : deletion->version)) {
      answer.status = AnswerStatus::kChangedMeanwhile;
      return Verdict::Done();
    }
    stored_ = *found;
    if (deletion != nullptr) {
      step_ = Step::kDelete;
      return Verdict::Again();
    }
    const auto place = update->fields.find(field::kRulePosition);
    if (place != update->fields.end()) PutInOrder(rules, place->second);
    const bool only_place = place != update->fields.end() && update->fields.size() == 1;
    if (only_place && order_.empty()) return Verdict::Done();
    step_ = only_place ? Step::kOrder : Step::kUpdate;
    return Verdict::Again();
  }

  // All others stay in their order; nothing where it stands there already.
  void PutInOrder(const std::vector<StoredRule>& rules, const Value& place) {
    std::vector<std::int64_t> before;
    for (const StoredRule& rule : rules) before.push_back(rule.id);
    std::vector<std::int64_t> after = before;
    std::erase(after, stored_.id);
    const auto* wanted = std::get_if<std::int64_t>(&place);
    const auto at = std::clamp<std::int64_t>(wanted != nullptr ? *wanted : static_cast<std::int64_t>(after.size()), 0,
                                             static_cast<std::int64_t>(after.size()));
    after.insert(after.begin() + at, stored_.id);
    if (after != before) order_ = std::move(after);
  }

  const Ask ask_;
  const std::shared_ptr<std::optional<FilterOffer>> offer_;
  Step step_{};
  StoredRule stored_;
  std::vector<std::int64_t> order_;  // of all rules, as it is to be; empty: as it is
};

}  // namespace

std::shared_ptr<Job> MakeRuleJob(Ask ask, std::shared_ptr<std::optional<FilterOffer>> offer,
                                 std::function<void(Reply)> done) {
  return std::make_shared<RuleJob>(std::move(ask), std::move(offer), std::move(done));
}

}  // namespace outpost

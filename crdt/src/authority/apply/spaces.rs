//! Public channels and teams.

use std::collections::{BTreeMap, BTreeSet};

use crate::authority::act::{Act, ChannelSet};
use crate::authority::graph::Node;
use crate::authority::state::{Channel, Denied, Removed, State, Team};
use crate::id::{PersonId, SpaceId};

use super::{Author, blob};

pub(super) fn apply_channel(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    match act {
        Act::ChannelCreate(act) => {
            author.check(|it| state.may_create_channel(it, act.team.as_ref()))?;
            let channel = Channel {
                team: act.team,
                kind: act.kind,
                name: blob(node, act.name),
                creator: author.person().ok_or(Denied::RootOnly)?,
                moderators: BTreeSet::new(),
                posters: BTreeSet::new(),
                former: BTreeMap::new(),
                archived: None,
                retention_ms: 0,
                receipts: true,
                archive: act.archive,
            };
            state.channels.insert(SpaceId::of_act(&node.id), channel);
        }
        Act::ChannelRole(act) => {
            author.check(|it| state.may_appoint(it, &act.channel))?;
            let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
            for (on, set) in [(act.moderator, &mut channel.moderators), (act.poster, &mut channel.posters)] {
                if on {
                    set.insert(act.person);
                } else if set.remove(&act.person) {
                    // What he wrote while he could stays.
                    channel.former.insert(act.person, node.hlc);
                }
            }
            if act.moderator || act.poster {
                channel.former.remove(&act.person);
            }
        }
        Act::ChannelSet(act) => set_channel(state, node, author, act)?,
        _ => return Err(Denied::Unknown),
    }
    Ok(())
}

fn set_channel(state: &mut State, node: &Node, author: Author, act: &ChannelSet) -> Result<(), Denied> {
    author.check(|it| state.may_set_channel(it, &act.channel))?;
    let place = match act.place.as_deref() {
        None => None,
        Some([]) => Some(None),
        Some([team]) => Some(Some(*team)),
        Some(_) => return Err(Denied::Unknown),
    };
    if let Some(team) = &place {
        author.check(|it| state.may_move(it, &act.channel, team.as_ref()))?;
    }
    let before = state.members(&act.channel);
    let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
    if let Some(team) = place.filter(|it| *it != channel.team) {
        channel.team = team;
        let after = state.members(&act.channel);
        let gone: Vec<PersonId> = before.difference(&after).copied().collect();
        for person in &gone {
            state.removals.push((node.id, Removed::ChannelMember(act.channel, *person)));
        }
        let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
        channel.former.extend(gone.into_iter().map(|it| (it, node.hlc)));
    }
    let channel = state.channels.get_mut(&act.channel).ok_or(Denied::Unknown)?;
    if let Some(name) = act.name.and_then(|it| blob(node, it)) {
        channel.name = Some(name);
    }
    match act.archived {
        Some(true) if channel.archived.is_none() => channel.archived = Some(node.hlc),
        Some(false) => channel.archived = None,
        _ => {}
    }
    channel.retention_ms = act.retention_ms.unwrap_or(channel.retention_ms);
    channel.receipts = act.receipts.unwrap_or(channel.receipts);
    Ok(())
}

pub(super) fn apply_team(state: &mut State, node: &Node, author: Author, act: &Act) -> Result<(), Denied> {
    match act {
        Act::TeamCreate(act) => {
            author.check(|it| state.may_create_team(it))?;
            let mut team = Team { name: blob(node, act.name), members: Default::default(), defaults: Vec::new() };
            // Whoever creates a team is in it, or nobody could read it.
            team.members.extend(author.person().map(|it| (it, true)));
            state.teams.insert(SpaceId::of_act(&node.id), team);
        }
        Act::TeamMember(act) => {
            let leaving = author.person() == Some(act.person) && !act.member;
            if !leaving {
                let leads = state.teams.get(&act.team).and_then(|it| it.members.get(&act.person)) == Some(&true);
                author.check(|it| state.may_manage_team(it, &act.team, (act.member && act.lead) != leads))?;
            }
            if act.member && !state.is_member(&act.person) {
                return Err(Denied::NotMember);
            }
            let team = state.teams.get_mut(&act.team).ok_or(Denied::Unknown)?;
            if act.member {
                team.members.insert(act.person, act.lead);
            } else if team.members.remove(&act.person).is_some() {
                state.removals.push((node.id, Removed::TeamMember(act.team, act.person)));
            } else {
                return Err(Denied::Unknown);
            }
        }
        Act::TeamDefaults(act) => {
            author.check(|it| state.may_manage_team(it, &act.team, false))?;
            state.teams.get_mut(&act.team).ok_or(Denied::Unknown)?.defaults.clone_from(&act.channels);
        }
        _ => return Err(Denied::Unknown),
    }
    Ok(())
}
